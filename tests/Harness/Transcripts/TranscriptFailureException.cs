namespace FullStack.Harness.Transcripts;

/// <summary>The server did not behave as the transcript says.</summary>
public sealed class TranscriptFailureException(string message, Exception? inner = null) : Exception(message, inner);
