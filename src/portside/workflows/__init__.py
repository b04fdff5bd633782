"""CI workflows: what stands in the files of GitHub Actions, GitLab CI and the bots that update them."""
