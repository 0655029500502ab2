"""What the commands on profiles and keys do beyond their flags."""
