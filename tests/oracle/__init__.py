"""The reference router: what acd.core decides, decided the slow and plain way."""
