"""How clients sign in."""
