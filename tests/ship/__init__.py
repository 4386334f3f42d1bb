"""What is shipped beside the program: image, workflows, action, compose files."""
