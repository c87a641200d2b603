namespace FullStack.Auth.Backends;

/// <summary>What is set for one account's submissions; null: what the configuration says of all.</summary>
/// <param name="MessageOctets">The largest message that it may send.</param>
/// <param name="SentCopy">Whether a copy of each message is put into its mailbox for sent mail.</param>
public readonly record struct DirectorySubmission(long? MessageOctets, bool? SentCopy)
{
    internal bool IsValid => MessageOctets is null or > 0;
}
