"""What a repository already excuses for other tools: comments, annotations, files of theirs."""
