using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>What stands before a message in APPEND and REPLACE.</summary>
/// <param name="Flags">The flags it is to have.</param>
/// <param name="InternalDate">Its internal date; null: now.</param>
internal sealed record AppendOptions(MessageFlags Flags, DateTimeOffset? InternalDate)
{
    /// <summary>[flag-list SP] [date-time SP] literal; of the literal only its announcement is in the frame.</summary>
    public static bool TryRead(ref ImapReader reader, [NotNullWhen(true)] out AppendOptions? options)
    {
        options = null;
        if (reader.TryReadFlagList(out MessageFlags? flags) && !reader.TryReadSpace())
            return false;
        DateTimeOffset? internalDate = null;
        if (reader.TryReadDateTime(out DateTimeOffset date))
        {
            if (!reader.TryReadSpace())
                return false;
            internalDate = date;
        }

        if (LiteralMark.Of(reader.Rest) is not { Start: 0 })
            return false;
        options = new(flags ?? MessageFlags.None, internalDate);
        return true;
    }
}

/// <summary>The messages of one APPEND or REPLACE as they come in. They stream to the store, whatever their size.</summary>
/// <remarks>RFC 3501 §6.3.11; several at once RFC 3502.</remarks>
internal sealed class AppendBatch(ImapSession session, MailboxArgument mailbox, int maxMessages) : IAsyncDisposable
{
    private readonly List<NewMessage> _messages = [];
    private MailboxPlace? _place;

    public IReadOnlyList<NewMessage> Messages => _messages;

    /// <summary>Octets of the messages as they came.</summary>
    public long Octets { get; private set; }

    /// <summary>Reads the messages, from the first one's literal to the end of the command.</summary>
    /// <returns>The answer where something is wrong; null where all have come.</returns>
    public async ValueTask<ImapCompletion?> ReceiveAsync(AppendOptions first, CancellationToken ct)
    {
        if (await RefuseAsync(ct) is { } refusal)
            return refusal;
        for (AppendOptions? options = first; options is not null;)
        {
            IncomingLiteral literal = session.Literal!;
            if (RefuseSize(literal) is { } tooBig)
                return tooBig;
            if (await StageAsync(literal, options, ct) is { } failure)
                return failure;
            LineFrame rest = await literal.ReadRestAsync(session.Environment.Options.MaxLineOctets, ct);
            if (rest.Status != FrameStatus.Line || !TryReadNext(rest.Line.Span, out options))
                return ImapCompletion.Bad("The command has to end after the message");
            if (options is not null && _messages.Count == maxMessages)
                return ImapCompletion.No($"One command takes {maxMessages} messages", "LIMIT");
            if (options is not null)
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

    /// <summary>The end of the command, or SP and what stands before the next message.</summary>
    private static bool TryReadNext(ReadOnlySpan<byte> rest, out AppendOptions? options)
    {
        options = null;
        ImapReader reader = new(rest);
        return rest.IsEmpty || (reader.TryReadSpace() && AppendOptions.TryRead(ref reader, out options));
    }

    private async ValueTask<ImapCompletion?> StageAsync(IncomingLiteral literal, AppendOptions options, CancellationToken ct)
    {
        // Each message gets a smaller share of memory than the one before: together they need little more than a few.
        StagedMessage staged = session.Environment.Store.Stage(MostInMemory / (_messages.Count + 1));
        _messages.Add(new(staged, options.Flags.Only(Place.Flags), options.InternalDate)); // RFC 4314 §4: no reason to fail
        try
        {
            literal.Invite();
            bool hasNul = false;
            while (await literal.ReadAsync(
                (piece, token) =>
                {
                    hasNul |= piece.Span.Contains((byte)0);
                    return hasNul ? ValueTask.CompletedTask : staged.WriteAsync(piece, token);
                },
                ct))
            {
            }

            Octets += literal.Octets;
            if (hasNul)
                return ImapCompletion.Bad("A message must not contain NUL"); // literal = *CHAR8
            await staged.CompleteAsync(ct);
            return null;
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
