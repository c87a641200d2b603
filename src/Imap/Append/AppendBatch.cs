using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Append;

/// <summary>The messages of one APPEND or REPLACE as they come in. They stream to the store, whatever their size.</summary>
/// <remarks>RFC 3501 §6.3.11; several at once RFC 3502; with NUL RFC 3516 §4.4; with UTF-8 in the header RFC 9755 §4.</remarks>
internal sealed class AppendBatch(ImapSession session, MailboxArgument mailbox, int maxMessages) : IAsyncDisposable
{
    private readonly List<NewMessage> _messages = [];
    private MailboxPlace? _place;

    public IReadOnlyList<NewMessage> Messages => _messages;

    /// <summary>Octets of the messages as they came.</summary>
    public long Octets { get; private set; }

    /// <summary>Reads the messages, from the first one's literal to the end of the command.</summary>
    /// <returns>The answer where something is wrong; null where all have come.</returns>
    public async ValueTask<ImapCompletion?> ReceiveAsync(AppendSegment first, CancellationToken ct)
    {
        if (await RefuseAsync(ct) is { } refusal)
            return refusal;
        for (AppendSegment segment = first; segment.Literal != AppendLiteral.None;)
        {
            IncomingLiteral literal = session.Literal!;
            if ((CommandFramer.RefuseUninvited(session.Environment.Options, literal.Octets, literal.IsOnTheWay) ?? RefuseSize(literal) ?? await StageAsync(literal, segment, ct)) is { } failure)
                return failure;
            LineFrame rest = await literal.ReadRestAsync(session.Environment.Options.MaxLineOctets, ct);
            if (rest.Status != FrameStatus.Line || ReadNext(rest.Line.Span, segment.Literal) is not { } next)
                return ImapCompletion.Bad("The command has to end after the message");
            segment = next;
            if (segment.Next is not null && _messages.Count == maxMessages)
                return ImapCompletion.No($"One command takes {maxMessages} messages", "LIMIT");
            if (segment.Literal != AppendLiteral.None)
                session.Literal = literal.Next();
        }

        return null;
    }

    /// <summary>Where the messages go; there once all have come.</summary>
    public MailboxPlace Place => _place ?? throw new InvalidOperationException("no mailbox before the messages");

    /// <summary>Puts the messages into the mailbox.</summary>
    /// <returns>What became of them, or the refusal.</returns>
    public async ValueTask<(AppendOutcome? Outcome, ImapCompletion Refusal)> StoreAsync(CancellationToken ct)
    {
        Result<AppendOutcome> appended = await Place.Account.AppendAsync(Place.Name, _messages, ct);
        return appended.Ok ? (appended.Value, default) : (null, await session.Access.NoTargetAsync(Place.Shown, appended.Error, ct));
    }

    /// <summary>Takes note of what was stored, in the log too.</summary>
    public void Note(AppendOutcome outcome)
    {
        session.NoteOwn(Place, outcome.UidValidity, outcome.Uids);
        ImapLog.Appended(
            session.Environment.Logger, session.Connection.Id, _messages.Count, Octets, Loggable.From(mailbox.Name!.Text), session.Account.Name.ToString(),
            outcome.Uid.Value);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NewMessage message in _messages)
            await message.Message.DisposeAsync();
        _place?.Dispose();
    }

    private AppendSegment? ReadNext(ReadOnlySpan<byte> rest, AppendLiteral after)
    {
        ImapReader reader = new(rest) { Utf8 = session.UsesUtf8 };
        return reader.TryReadAfterLiteral(after, out AppendSegment? segment) ? segment : null;
    }

    private async ValueTask<ImapCompletion?> StageAsync(IncomingLiteral literal, AppendSegment segment, CancellationToken ct)
    {
        // Each message gets a smaller share of memory than the one before: together they need little more than a few.
        await using MessageIntake intake = new(session, MostInMemory / (_messages.Count + 1));
        try
        {
            await intake.ReadAsync(literal, mayHaveNul: segment.Literal != AppendLiteral.Message, ct);
            Octets += literal.Octets;
            (ImapCompletion? refusal, StagedMessage? message) = await intake.CompleteAsync(ct);
            if (message is not null)
                _messages.Add(new(message, segment.Next!.Flags.Only(Place.Flags), segment.Next.InternalDate)); // RFC 4314 §4: no reason to fail
            return refusal;
        }
        catch (IOException e)
        {
            ImapLog.StagingFailed(session.Environment.Logger, session.Connection.Id, e.Message);
            return ImapCompletion.No((e.HResult & 0xFFFF) is 28 or 122 ? StoreError.NoSpace : StoreError.Unavailable); // ENOSPC, EDQUOT
        }
    }

    private const int MostInMemory = 1 << 20;

    /// <summary>What can be refused before the client has sent, or we have kept, a single octet.</summary>
    private async ValueTask<ImapCompletion?> RefuseAsync(CancellationToken ct)
    {
        if (mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        if (RefuseSize(session.Literal!) is { } tooBig)
            return tooBig;
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Insert, ct);
        if (!found.Ok)
            return await session.Access.NoTargetAsync(name, found.Error, ct);
        _place = found.Value;
        Result<MailboxStatus> target = await _place.Account.StatusAsync(_place.Name, ct);
        return target.Ok ? null : await session.Access.NoTargetAsync(name, target.Error, ct);
    }

    /// <remarks>"A zero-length message literal argument is an error, and MUST return a NO. This can be used to cancel the append." (RFC 3502)</remarks>
    private ImapCompletion? RefuseSize(IncomingLiteral literal)
        => literal.Octets > session.Environment.Options.MaxAppendOctets - Octets ? ImapCompletion.No(StoreError.TooBig)
            : literal.Octets == 0 ? ImapCompletion.No("A message of no octets is none", "CANNOT") : null;
}
