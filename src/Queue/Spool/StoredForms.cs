using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FullStack.Queue.Notices;
using FullStack.Queue.Programs;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Spool;

/// <summary>What of an envelope is no column: as JSON, of which what is usual is left out. A field that a later version adds does not disturb an earlier one.</summary>
internal sealed record StoredEnvelope
{
    public BodyType? Body { get; init; }
    public bool? SmtpUtf8 { get; init; }
    public DsnReturn? Return { get; init; }
    public string? EnvelopeId { get; init; }
    public long? Deadline { get; init; }
    public DeliverByMode? DeadlineMode { get; init; }
    public bool? DeadlineTrace { get; init; }
    public long? HoldUntil { get; init; }
    public string? HoldRequest { get; init; }
    public int? Priority { get; init; }
    public bool? RequireTls { get; init; }
    public bool? TlsOptional { get; init; }
    public string? Solicitations { get; init; }
    public string? Verp { get; init; }
    public string? Quarantine { get; init; }

    public static string Write(Envelope envelope) => JsonSerializer.Serialize(
        new StoredEnvelope
        {
            Body = envelope.Body == BodyType.SevenBit ? null : envelope.Body,
            SmtpUtf8 = Set(envelope.SmtpUtf8),
            Return = envelope.Dsn.Return,
            EnvelopeId = envelope.Dsn.EnvelopeId,
            Deadline = envelope.DeliverBy?.Deadline.ToUnixTimeMilliseconds(),
            DeadlineMode = envelope.DeliverBy?.Mode,
            DeadlineTrace = envelope.DeliverBy?.Trace,
            HoldUntil = envelope.HoldUntil?.ToUnixTimeMilliseconds(),
            HoldRequest = envelope.HoldRequest,
            Priority = envelope.Priority == 0 ? null : envelope.Priority,
            RequireTls = Set(envelope.RequireTls),
            TlsOptional = Set(envelope.TlsOptional),
            Solicitations = envelope.Solicitations.Length == 0 ? null : envelope.Solicitations,
            Quarantine = envelope.Quarantine,
            Verp = envelope.Verp is { } verp ? $"{verp.AfterLocalPart}{verp.ForAt}" : null,
        },
        StoredForms.Default.StoredEnvelope);

    /// <param name="sender">The sender.</param>
    /// <param name="text">What <see cref="Write"/> made.</param>
    /// <param name="anew">Without what a former sender wanted to be told.</param>
    /// <exception cref="JsonException">It is not what <see cref="Write"/> wrote.</exception>
    public static Envelope Read(ReversePath sender, string text, bool anew = false)
    {
        StoredEnvelope stored = JsonSerializer.Deserialize(text, StoredForms.Default.StoredEnvelope) ?? new();
        Envelope envelope = new(sender)
        {
            Body = stored.Body ?? BodyType.SevenBit,
            SmtpUtf8 = stored.SmtpUtf8 ?? false,
            Dsn = anew ? MessageDsn.Default : new(stored.Return, stored.EnvelopeId),
            DeliverBy = stored.Deadline is { } deadline
                ? new(StoredTime.Read(deadline), stored.DeadlineMode ?? DeliverByMode.Notify, stored.DeadlineTrace ?? false) : null,
            HoldUntil = stored.HoldUntil is { } held ? StoredTime.Read(held) : null,
            HoldRequest = stored.HoldRequest,
            Priority = stored.Priority ?? 0,
            RequireTls = stored.RequireTls ?? false,
            Solicitations = stored.Solicitations ?? "",
            Quarantine = stored.Quarantine,
            Verp = stored.Verp is [char afterLocalPart, char forAt] ? new(afterLocalPart, forAt) : null,
        };
        if (stored.TlsOptional == true)
            envelope.NoteTlsOptional();
        return envelope;
    }

    private static bool? Set(bool value) => value ? true : null;
}

/// <summary>What of a recipient is no column, in the same way.</summary>
internal sealed record StoredRecipient
{
    public DsnNotify? Notify { get; init; }
    public string? OriginalType { get; init; }
    public string? Original { get; init; }
    public long? ValidSince { get; init; }
    public bool? ValidSinceMayLapse { get; init; }
    public LocalAction? Action { get; init; }
    public StoredCopy? Copy { get; init; }

    public static string Write(QueuedRecipient recipient) => JsonSerializer.Serialize(
        new StoredRecipient
        {
            Notify = recipient.Dsn.Notify,
            OriginalType = recipient.Dsn.Original?.AddressType,
            Original = recipient.Dsn.Original?.Address,
            ValidSince = recipient.ValidSince?.ToUnixTimeMilliseconds(),
            ValidSinceMayLapse = recipient.ValidSinceMayLapse ? true : null,
            Action = recipient.Action,
            Copy = recipient.Copy is { } copy ? StoredCopy.Of(copy) : null,
        },
        StoredForms.Default.StoredRecipient);

    /// <exception cref="JsonException">It is not what <see cref="Write"/> wrote.</exception>
    public static StoredRecipient Read(string text) => JsonSerializer.Deserialize(text, StoredForms.Default.StoredRecipient) ?? new();

    public RecipientDsn Dsn => new(Notify, OriginalType is not null && Original is not null ? new(OriginalType, Original) : null);

    public DateTimeOffset? ValidSinceTime => ValidSince is { } time ? StoredTime.Read(time) : null;
}

/// <summary>The same for a copy that is to become a message of its own; addresses as text, the last @ between their parts.</summary>
internal sealed record StoredCopy
{
    public string From { get; init; } = "";
    public string? Owner { get; init; }
    public IReadOnlyList<string> Targets { get; init; } = [];
    public IReadOnlyList<string> Elsewhere { get; init; } = [];
    public IReadOnlyList<LocalAction> Actions { get; init; } = [];

    public static StoredCopy Of(ForwardedCopy copy) => new()
    {
        From = Text(copy.From),
        Owner = copy.Owner is { } owner ? Text(owner) : null,
        Targets = [.. copy.Targets.Select(static target => target.Account.ToString())],
        Elsewhere = [.. copy.Elsewhere.Select(Text)],
        Actions = copy.Actions,
    };

    public ForwardedCopy ToCopy() => new(Address(From), Owner is { } owner ? Address(owner) : null)
    {
        Targets = [.. Targets.Select(static text => AccountName.TryParse(text, out AccountName? account) ? new LocalTarget(account, text) : null).OfType<LocalTarget>()],
        Elsewhere = [.. Elsewhere.Select(Address)],
        Actions = Actions,
    };

    private static string Text(MailboxAddress address) => $"{address.LocalPart}@{address.Domain}";

    private static MailboxAddress Address(string text)
    {
        int at = text.LastIndexOf('@');
        return new(text[..at], text[(at + 1)..]);
    }
}

/// <summary>The same for an origin.</summary>
internal static class StoredOrigin
{
    public static string Write(MessageOrigin origin) => JsonSerializer.Serialize(origin, StoredForms.Default.MessageOrigin);

    /// <exception cref="JsonException">It is not what <see cref="Write"/> wrote.</exception>
    public static MessageOrigin Read(string text) => JsonSerializer.Deserialize(text, StoredForms.Default.MessageOrigin) ?? MessageOrigin.Here;
}

/// <summary>A time as it is written: milliseconds since 1970.</summary>
internal static class StoredTime
{
    private const long First = -62_135_596_800_000, Last = 253_402_300_799_999; // of the years 1 and 9999

    /// <exception cref="JsonException">No calendar has it.</exception>
    public static DateTimeOffset Read(long milliseconds)
        => milliseconds is >= First and <= Last ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : throw new JsonException($"{milliseconds} is no time");
}

/// <summary>An enhanced status as it is written: three numbers with dots between.</summary>
internal static class StoredStatus
{
    /// <exception cref="FormatException">It is none.</exception>
    public static EnhancedStatus Read(ReadOnlySpan<char> text)
    {
        int first = text.IndexOf('.');
        int second = text.LastIndexOf('.');
        if (second == first)
            throw new FormatException($"{text} is no status");
        return new(Number(text[..first]), Number(text[(first + 1)..second]), Number(text[(second + 1)..]));
    }

    private static int Number(ReadOnlySpan<char> digits)
        => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new FormatException($"{digits} is no part of a status");
}

/// <summary>What became of a recipient: the action, a space, the status.</summary>
internal static class StoredOutcome
{
    public static string Write(RecipientOutcome outcome) => $"{outcome.Action} {outcome.Status}";

    /// <exception cref="FormatException">It is none.</exception>
    public static RecipientOutcome Read(string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !Enum.TryParse(text.AsSpan(0, space), out NoticeAction action))
            throw new FormatException($"{text} is no outcome");
        return new(action, StoredStatus.Read(text.AsSpan(space + 1)));
    }
}

/// <summary>How columns of the queue are written as JSON.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredEnvelope))]
[JsonSerializable(typeof(StoredRecipient))]
[JsonSerializable(typeof(MessageOrigin))]
internal sealed partial class StoredForms : JsonSerializerContext;
