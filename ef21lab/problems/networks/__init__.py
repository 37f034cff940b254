"""Networks whose training is a problem, one file each. Whoever asks for none imports no PyTorch."""
