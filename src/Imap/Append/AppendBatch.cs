using FullStack.Imap.Access;
using FullStack.Imap.Annotations;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Imap.Urls;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Append;

/// <summary>The messages of one APPEND or REPLACE as they come in. They stream to the store, whatever their size.</summary>
/// <remarks>RFC 3501 §6.3.11; several at once RFC 3502; with NUL RFC 3516 §4.4; with UTF-8 in the header RFC 9755 §4; put together from parts
/// RFC 4469 §3.</remarks>
internal sealed class AppendBatch(ImapSession session, MailboxArgument mailbox, int maxMessages) : IAsyncDisposable
{
    /// <summary>Most URLs in one command: each costs reading a message, however little of it is taken.</summary>
    private const int MaxUrls = 100;

    private readonly List<NewMessage> _messages = [];
    private MailboxPlace? _place;
    private int _urls;
    private MessageIntake? _intake;

    public IReadOnlyList<NewMessage> Messages => _messages;

    /// <summary>Octets of the messages as they came.</summary>
    public long Octets { get; private set; }

    /// <summary>Reads the messages, from the first one's beginning to the end of the command.</summary>
    /// <returns>The answer where something is wrong; null where all have come.</returns>
    public async ValueTask<ImapCompletion?> ReceiveAsync(AppendSegment first, CancellationToken ct)
    {
        if (await RefuseAsync(first, ct) is { } refusal)
            return refusal;
        AppendSegment segment = first;
        while (true)
        {
            if (await TakeAsync(segment, ct) is { } failure)
                return failure;
            if (segment.Literal == AppendLiteral.None)
                return null;
            IncomingLiteral literal = session.Literal!;
            LineFrame rest = await literal.ReadRestAsync(session.Environment.Options.MaxLineOctets, ct);
            if (rest.Status != FrameStatus.Line || ReadNext(rest.Line.Span, segment.Literal) is not { } next)
                return ImapCompletion.Bad("The command has to end after the message");
            segment = next;
            if (segment.Literal != AppendLiteral.None)
                session.Literal = literal.Next();
        }
    }

    /// <summary>Where the messages go; there once all have come.</summary>
    public MailboxPlace Place => _place ?? throw new InvalidOperationException("no mailbox before the messages");

    /// <summary>Puts the messages into the mailbox.</summary>
    /// <returns>What became of them, or the refusal.</returns>
    public async ValueTask<(AppendOutcome? Outcome, ImapCompletion Refusal)> StoreAsync(CancellationToken ct)
    {
        Result<AppendOutcome> appended = await LongWait.ForAsync(session, token => Place.Account.AppendAsync(Place.Name, _messages, token), ct);
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
        if (_intake is not null)
            await _intake.DisposeAsync();
        _place?.Dispose();
    }

    private AppendSegment? ReadNext(ReadOnlySpan<byte> rest, AppendLiteral after)
    {
        ImapReader reader = new(rest) { Utf8 = session.UsesUtf8 };
        return reader.TryReadAfterLiteral(after, out AppendSegment? segment) ? segment : null;
    }

    /// <summary>Does what a segment says, then reads its literal.</summary>
    private async ValueTask<ImapCompletion?> TakeAsync(AppendSegment segment, CancellationToken ct)
    {
        try
        {
            foreach (AppendStep step in segment.Steps)
            {
                if (await TakeAsync(step, ct) is { } refusal)
                    return refusal;
            }

            return segment.Literal == AppendLiteral.None ? null : await ReadAsync(session.Literal!, segment.Literal, ct);
        }
        catch (IOException e)
        {
            ImapLog.StagingFailed(session.Environment.Logger, session.Connection.Id, e.Message);
            return ImapCompletion.No((e.HResult & 0xFFFF) is 28 or 122 ? StoreError.NoSpace : StoreError.Unavailable); // ENOSPC, EDQUOT
        }
    }

    private async ValueTask<ImapCompletion?> TakeAsync(AppendStep step, CancellationToken ct)
    {
        switch (step)
        {
            case AppendStep.Begin when _messages.Count == MessageLimit.OfSaving(session):
                return MessageLimit.TooManySaved(_messages.Count);
            case AppendStep.Begin when _messages.Count == maxMessages:
                return ImapCompletion.No($"One command takes {maxMessages} messages", "LIMIT");
            case AppendStep.Begin begin when AnnotationStore.Refuse(Place, begin.Annotations) is { } refusal:
                return refusal;
            case AppendStep.Begin begin:
                // Each message gets a smaller share of memory than the one before: together they need little more than a few.
                _intake = new(session, begin, MostInMemory / (_messages.Count + 1));
                return null;
            case AppendStep.Url url:
                return await CopyAsync(url.Text, ct);
            default:
                return await EndAsync(ct);
        }
    }

    private async ValueTask<ImapCompletion?> ReadAsync(IncomingLiteral literal, AppendLiteral kind, CancellationToken ct)
    {
        if ((CommandFramer.RefuseUninvited(session.Environment.Options, literal.Octets, literal.IsOnTheWay) ?? RefuseSize(literal, kind)) is { } refusal)
            return refusal;
        if (kind == AppendLiteral.Url)
            return await CopyAsync(await ReadUrlAsync(literal, ct), ct);
        await _intake!.ReadAsync(literal, mayHaveNul: kind is AppendLiteral.Binary or AppendLiteral.Utf8 or AppendLiteral.Utf8Text, ct);
        Octets += literal.Octets;
        return null;
    }

    private static async ValueTask<byte[]> ReadUrlAsync(IncomingLiteral literal, CancellationToken ct)
    {
        List<byte> url = [];
        literal.Invite();
        while (await literal.ReadAsync(
            (piece, _) =>
            {
                url.AddRange(piece.Span);
                return ValueTask.CompletedTask;
            },
            ct))
        {
        }

        return [.. url];
    }

    /// <summary>Adds what a URL names, as FETCH BODY.PEEK would give it to this user (RFC 4469 §3).</summary>
    private async ValueTask<ImapCompletion?> CopyAsync(byte[] text, CancellationToken ct)
    {
        if (++_urls > MaxUrls)
            return ImapCompletion.No($"One command takes {MaxUrls} URLs", "LIMIT");
        if (!ImapUrlParser.TryParse(text, out ImapUrl? url) || url is not { IsAbsolute: false, Authorization: null }
            || (url.Mailbox ?? session.Selection?.Place.Shown) is not { } from)
            return BadUrl(text);
        using UrlContent? content = await UrlContent.OpenAsync(session.Access, from, url, owner: null, ct);
        if (content is null)
            return BadUrl(text);
        if (content.Octets > session.Environment.Options.MaxAppendOctets - Octets)
            return ImapCompletion.No(StoreError.TooBig);
        // A few octets ask for much here, so that it is not written before it is known to fit. Of CRLF, one octet is kept.
        if (await Place.Account.CheckRoomAsync((Octets + content.Octets) / 2, _messages.Count + 1, ct) is not StoreError.None and var error)
            return ImapCompletion.No(error);
        await _intake!.CopyAsync(content, ct);
        Octets += content.Octets;
        return null;
    }

    private async ValueTask<ImapCompletion?> EndAsync(CancellationToken ct)
    {
        await using MessageIntake intake = _intake!;
        _intake = null;
        (ImapCompletion? refusal, StagedMessage? message) = await intake.CompleteAsync(ct);
        if (message is not null)
        {
            // RFC 4314 §4: that flags are not permitted is no reason to fail.
            _messages.Add(new(message, intake.Message.Flags.Only(Place.Flags), intake.Message.InternalDate)
            {
                Annotations = intake.Message.Annotations, Author = session.Account.Name,
            });
        }

        return refusal;
    }

    private static ImapCompletion BadUrl(ReadOnlySpan<byte> url) => ImapCompletion.No("That URL names nothing that could be taken", ResponseCodes.BadUrl(url));

    private const int MostInMemory = 1 << 20;

    /// <summary>What can be refused before the client has sent, or we have kept, a single octet.</summary>
    private async ValueTask<ImapCompletion?> RefuseAsync(AppendSegment first, CancellationToken ct)
    {
        if (mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        if (session.Literal is { } literal && RefuseSize(literal, first.Literal) is { } tooBig)
            return tooBig;
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Insert, ct);
        if (!found.Ok)
            return await session.Access.NoTargetAsync(name, found.Error, ct);
        _place = found.Value;
        Result<MailboxStatus> target = await _place.Account.StatusAsync(_place.Name, ct);
        return target.Ok ? null : await session.Access.NoTargetAsync(name, target.Error, ct);
    }

    /// <remarks>"A zero-length message literal argument is an error, and MUST return a NO. This can be used to cancel the append." (RFC 3502)</remarks>
    private ImapCompletion? RefuseSize(IncomingLiteral literal, AppendLiteral kind) => kind switch
    {
        AppendLiteral.Url => literal.Octets > ImapUrl.MaxOctets ? ImapCompletion.No($"A URL may have {ImapUrl.MaxOctets} octets", "LIMIT") : null,
        _ when literal.Octets > session.Environment.Options.MaxAppendOctets - Octets => ImapCompletion.No(StoreError.TooBig),
        AppendLiteral.Text or AppendLiteral.Utf8Text => null,
        _ => literal.Octets == 0 ? ImapCompletion.No("A message of no octets is none", "CANNOT") : null,
    };
}
