using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Delivery;

/// <summary>The recipients of one message on its way in: which of them the queue gets, what their sender is told, and what its client hears.</summary>
internal sealed class IntakeRecipients(DeliveryParts parts, Envelope envelope)
{
    private AccountName[]? _accounts;

    /// <summary>The accounts that get a copy; none twice.</summary>
    public IReadOnlyList<AccountName> Accounts
        => _accounts ??= [.. envelope.Recipients.SelectMany(static recipient => RouteOf(recipient).Targets).Select(static target => target.Account).Distinct()];

    /// <summary>What became of the message in each mailbox that it was delivered to.</summary>
    public Dictionary<AccountName, DeliveryStatus> Statuses { get; set; } = [];

    /// <summary>The client does not hear of each recipient by itself.</summary>
    public bool IsOneReply => envelope.Replies == RepliesAfterData.One || IsUnheard;

    /// <summary>Whoever sent the message has gone: what fails has to be tried again or told of.</summary>
    public bool IsUnheard => envelope.Replies == RepliesAfterData.None;

    public Patience Patience => new(parts.Options, parts.Routes);

    public static MailRoute RouteOf(Recipient recipient) => recipient.Route as MailRoute ?? throw new InvalidOperationException($"no route of ours: {recipient.Route}");

    /// <summary>Whether a recipient is several, and its sender hears that it was passed on to them, and of them no more (RFC 3461 §5.2.7.2).</summary>
    public static bool IsExpanded(Recipient recipient)
        => WantsSuccess(recipient) && RouteOf(recipient) is { } route && route.Targets.Count + route.Elsewhere.Count > 1;

    /// <summary>The rows of a message that leaves. Mailboxes of this host get it in a moment, and from the queue only where that fails.</summary>
    /// <param name="message">The message.</param>
    /// <param name="waits">Nobody gets it now.</param>
    public List<QueuedRecipient> Queued(QueuedMessage message, bool waits) => [.. envelope.Recipients.SelectMany(recipient => QueuedOf(message, recipient, waits))];

    /// <summary>The rows of recipients whose mailboxes could not take the message now.</summary>
    public IEnumerable<QueuedRecipient> FailedForNow(QueuedMessage message)
        => from recipient in envelope.Recipients
           from target in RouteOf(recipient).Targets
           let status = Statuses[target.Account]
           where status.IsTemporary
           let queued = Queued(recipient, recipient.Path, Destinations.Of(target.Account))
           select queued with { Due = message.Arrived + PauseAfter(message, queued), Attempts = 1, Last = status, LastTried = message.Arrived };

    /// <summary>What the sender is told of a recipient's mailboxes: that they have the message, if that was asked for, or that they never will.</summary>
    public IEnumerable<TriedRecipient> ToldOf(Recipient recipient, bool tellsFailures, DateTimeOffset now)
    {
        if (IsExpanded(recipient))
            yield return new(Queued(recipient, recipient.Path, "") with { Dsn = recipient.Dsn, LastTried = now }, DeliveryStatus.Success, "local") { IsExpanded = true };
        if (RefusalOf(recipient, now) is { } refused)
            yield return refused;
        foreach (LocalTarget target in RouteOf(recipient).Targets)
        {
            if (!Statuses.TryGetValue(target.Account, out DeliveryStatus? status))
                continue;
            if ((status.IsSuccess && !IsExpanded(recipient) && WantsSuccess(recipient)) || (status.IsPermanent && tellsFailures))
                yield return new(Queued(recipient, recipient.Path, Destinations.Of(target.Account)) with { LastTried = now }, status, "local") { IsFinal = true };
        }
    }

    /// <summary>What the sender is told of a message before any mailbox has it.</summary>
    public TriedRecipient[] ToldAtOnce(DateTimeOffset now)
        => [.. envelope.Recipients.Where(static recipient => IsExpanded(recipient) || RouteOf(recipient).Refusal is not null).SelectMany(recipient => ToldOf(recipient, tellsFailures: false, now))];

    /// <summary>What the client hears of each recipient.</summary>
    /// <param name="heard">What it hears of a mailbox that said this.</param>
    public IReadOnlyList<DeliveryStatus> Outcomes(Func<DeliveryStatus, DeliveryStatus> heard) => [.. envelope.Recipients.Select(recipient => Outcome(recipient, heard))];

    /// <summary>What a recipient with several copies hears: a failure that may pass first, so that the message comes again.</summary>
    public DeliveryStatus Outcome(Recipient recipient, Func<DeliveryStatus, DeliveryStatus> heard)
    {
        DeliveryStatus worst = DeliveryStatus.Success;
        foreach (LocalTarget target in RouteOf(recipient).Targets)
        {
            DeliveryStatus status = heard(Statuses[target.Account]);
            if (status.IsTemporary || (status.IsPermanent && worst.IsSuccess))
                worst = status;
        }

        return worst;
    }

    private static bool WantsSuccess(Recipient recipient) => recipient.Dsn.Notify is { } wanted && wanted.HasFlag(DsnNotify.Success);

    private IEnumerable<QueuedRecipient> QueuedOf(QueuedMessage message, Recipient recipient, bool waits)
    {
        MailRoute route = RouteOf(recipient);
        foreach (MailboxAddress elsewhere in route.Elsewhere)
            yield return Queued(recipient, new(elsewhere), parts.Routes.HopFor(envelope.Sender, elsewhere).Key);
        foreach (ForwardedCopy copy in route.Copies)
            yield return Queued(recipient, recipient.Path, Destinations.Of(copy)) with { Copy = copy };
        foreach (LocalTarget target in waits || IsOneReply ? route.Targets : [])
        {
            QueuedRecipient queued = Queued(recipient, recipient.Path, Destinations.Of(target.Account));
            yield return waits ? queued : queued with { Due = message.Arrived + PauseAfter(message, queued) };
        }
    }

    private TimeSpan PauseAfter(QueuedMessage message, QueuedRecipient recipient) => Patience.PauseAfter(message, recipient, FailureKind.Local, 1);

    private QueuedRecipient Queued(Recipient recipient, ForwardPath path, string destination) => new()
    {
        Path = path,
        Destination = destination,
        Dsn = DsnOf(recipient, path),
        ValidSince = recipient.ValidSince,
        ValidSinceMayLapse = recipient.ValidSinceMayLapse,
        Due = envelope.HoldUntil,
    };

    /// <summary>What the sender wants to be told of an address that a recipient leads to.</summary>
    /// <remarks>RFC 3461 §5.2.7: an address that an alias names keeps which one the sender gave.</remarks>
    private static RecipientDsn DsnOf(Recipient recipient, ForwardPath path)
    {
        RecipientDsn dsn = IsExpanded(recipient) ? recipient.Dsn with { Notify = recipient.Dsn.Notify & ~DsnNotify.Success } : recipient.Dsn;
        return dsn.Original is null && path != recipient.Path && recipient.Path.Address.IsAscii ? dsn with { Original = new("rfc822", recipient.Path.Address.ToString()) } : dsn;
    }

    /// <summary>A recipient whom nobody has, where the client could not be told so.</summary>
    private TriedRecipient? RefusalOf(Recipient recipient, DateTimeOffset now) => RouteOf(recipient).Refusal is { } refusal
        ? new(Queued(recipient, recipient.Path, recipient.Path.Address.Domain) with { LastTried = now }, refusal, "none") : null;
}
