using System.Text.Json;
using System.Text.Json.Serialization;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Checkpoints;

/// <summary>What is known of an interrupted transaction, as it stands at the head of its file.</summary>
internal sealed record StoredCheckpoint
{
    /// <summary>Local part and domain of the sender; null: there is none.</summary>
    public string? SenderLocal { get; init; }

    public string? SenderDomain { get; init; }

    public IReadOnlyList<StoredCheckpointRecipient> Recipients { get; init; } = [];

    /// <summary>The message's name, where it was taken as a whole.</summary>
    public long? Completed { get; init; }

    /// <summary>How many octets it had then.</summary>
    public long? Octets { get; init; }

    public static byte[] Write(Envelope envelope, QueueId? completed, long? octets) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredCheckpoint
        {
            SenderLocal = envelope.Sender.Address?.LocalPart,
            SenderDomain = envelope.Sender.Address?.Domain,
            Recipients = [.. envelope.Recipients.Select(static recipient => new StoredCheckpointRecipient(
                recipient.Path.Address.LocalPart, recipient.Path.Address.Domain,
                StoredRecipient.Write(new() { Path = recipient.Path, Destination = "", Dsn = recipient.Dsn, ValidSince = recipient.ValidSince, ValidSinceMayLapse = recipient.ValidSinceMayLapse })))],
            Completed = completed?.Number,
            Octets = octets,
        },
        StoredCheckpointForms.Default.StoredCheckpoint);

    /// <returns>Null where it is not what <see cref="Write"/> wrote.</returns>
    public static StoredCheckpoint? Read(ReadOnlySpan<byte> text)
    {
        try
        {
            StoredCheckpoint? stored = JsonSerializer.Deserialize(text, StoredCheckpointForms.Default.StoredCheckpoint);
            if (stored?.Recipients is null || stored.Recipients.Any(static one => one is not { Local: not null, Domain: not null, Details: not null }))
                return null;
            _ = stored.ToTransaction(); // its parts are texts of their own
            return stored;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public InterruptedTransaction ToTransaction() => new(
        SenderLocal is null ? ReversePath.Null : new(SenderLocal, SenderDomain ?? ""), [.. Recipients.Select(static one => one.ToRecipient())],
        Completed is { } number ? new QueueId(number) : null);
}

/// <summary>One recipient.</summary>
internal sealed record StoredCheckpointRecipient(string Local, string Domain, string Details)
{
    /// <exception cref="JsonException">The details are none.</exception>
    public InterruptedRecipient ToRecipient()
    {
        StoredRecipient details = StoredRecipient.Read(Details);
        return new(new(Local, Domain), details.Dsn, details.ValidSinceTime, details.ValidSinceMayLapse ?? false);
    }
}

/// <summary>How checkpoints are written as JSON.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredCheckpoint))]
internal sealed partial class StoredCheckpointForms : JsonSerializerContext;
