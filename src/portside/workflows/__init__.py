"""CI workflows: files of GitHub Actions and GitLab CI, and of the bots that update them."""
