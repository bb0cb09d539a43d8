"""What must hold for everybody, proved over every situation."""
