"""What each verb does once its options are read: a call of the library, then what it found is drawn or written."""
