using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Search;

/// <summary>Writes what a search found.</summary>
/// <remarks>
/// RFC 3501 §7.2.5; ESEARCH RFC 4731 §3.1 and RFC 4466 §2.6.2; MODSEQ RFC 7162 §3.1.6, RFC 4731 §3.2; PARTIAL RFC 9394 §3.1; SORT RFC 5256 §4, RFC 5267 §3.1 and §3.2.
/// </remarks>
/// <param name="session">Whose client is told.</param>
/// <param name="program">What it asked.</param>
/// <param name="byUid">Whether messages are named by UID.</param>
/// <param name="response">SEARCH or SORT: the response where no RETURN asked for ESEARCH.</param>
internal sealed class SearchResponder(ImapSession session, SearchProgram program, bool byUid, string response)
{
    /// <summary>Numbers written before the output is looked at.</summary>
    private const int NumbersPerFlush = 1024;

    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly ReturnOptions _wanted = program.Return;

    /// <summary>Where the messages are; else in the selected mailbox.</summary>
    public MailboxView? View { get; init; }

    /// <summary>The mailbox that the response names, with its UIDVALIDITY, as ESEARCH's have to (RFC 7377 §2.1); null: none.</summary>
    public MailboxName? Mailbox { get; init; }

    /// <summary>The scores of the messages; null where nobody asked for them.</summary>
    public Relevancy? Relevancy { get; init; }

    private MailboxView Searched => View ?? session.View;

    /// <param name="found">Message numbers in the order of the answer.</param>
    public async ValueTask SendAsync(IReadOnlyList<int> found, CancellationToken ct)
    {
        if (!_wanted.AsksForAnswer)
            return;
        if (_wanted.IsExtended)
            await SendExtendedAsync(found, ct);
        else
            await SendListAsync(found, ct);
        _writer.EndLine();
        await session.Connection.FlushIfLargeAsync(ct);
    }

    // ("SEARCH" / "SORT") *(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"]
    private async ValueTask SendListAsync(IReadOnlyList<int> found, CancellationToken ct)
    {
        _writer.Write("* "u8);
        _writer.Atom(response);
        for (int i = 0; i < found.Count; i++)
        {
            _writer.Space();
            _writer.Number(Named(found[i]));
            if (i % NumbersPerFlush == NumbersPerFlush - 1)
                await session.Connection.FlushIfLargeAsync(ct);
        }

        if (program.UsesModSeq && HighestModSeq(found) is { } highest)
        {
            _writer.Write(" (MODSEQ "u8);
            _writer.Number(highest.Value);
            _writer.Write((byte)')');
        }
    }

    // esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
    private async ValueTask SendExtendedAsync(IReadOnlyList<int> found, CancellationToken ct)
    {
        _writer.Write("* ESEARCH (TAG "u8);
        _writer.String(session.Tag.Span);
        if (Mailbox is not null)
        {
            _writer.Write(" MAILBOX "u8);
            _writer.Mailbox(Mailbox);
            _writer.Write(" UIDVALIDITY "u8);
            _writer.Number(Searched.UidValidity.Value);
        }

        _writer.Write((byte)')');
        if (byUid)
            _writer.Write(" UID"u8);
        if (found.Count > 0)
        {
            // "If the SEARCH results in no matches, the server MUST NOT include the MIN …, MAX …, ALL result option"
            Send(SearchReturn.Min, " MIN "u8, Named(found[0]));
            Send(SearchReturn.Max, " MAX "u8, Named(found[^1]));
            if (_wanted.Has(SearchReturn.All))
            {
                _writer.Write(" ALL "u8);
                await SendSetAsync(found, 0, found.Count, ct);
            }
        }

        Send(SearchReturn.Count, " COUNT "u8, (uint)found.Count);
        if (_wanted.Partial is { } range)
        {
            _writer.Write(" PARTIAL ("u8);
            range.WriteTo(_writer);
            _writer.Space();
            (int start, int length) = range.Within(found.Count);
            if (length == 0)
                _writer.Nil();
            else
                await SendSetAsync(found, start, length, ct);
            _writer.Write((byte)')');
        }

        if (Relevancy is not null && found.Count > 0)
        {
            _writer.Write(" RELEVANCY ("u8);
            IReadOnlyList<int> returned = _wanted.Returned(found);
            for (int i = 0; i < returned.Count; i++)
            {
                if (i > 0)
                    _writer.Space();
                _writer.Number((ulong)Relevancy.ScoreOf(returned[i]));
                if (i % NumbersPerFlush == NumbersPerFlush - 1)
                    await session.Connection.FlushIfLargeAsync(ct);
            }

            _writer.Write((byte)')');
        }

        if (program.UsesModSeq && HighestModSeq(_wanted.Returned(found)) is { } highest)
        {
            _writer.Write(" MODSEQ "u8);
            _writer.Number(highest.Value);
        }
    }

    private ValueTask SendSetAsync(IReadOnlyList<int> found, int start, int length, CancellationToken ct)
        => OrderedSet.SendAsync(session.Connection, _writer, length, i => Named(found[start + i]), ct);

    private void Send(SearchReturn option, ReadOnlySpan<byte> name, uint number)
    {
        if (!_wanted.Has(option))
            return;
        _writer.Write(name);
        _writer.Number(number);
    }

    private uint Named(int number) => byUid ? Searched.UidOf(number).Value : (uint)number;

    private ModSeq? HighestModSeq(IReadOnlyList<int> found)
    {
        ModSeq? highest = null;
        foreach (int number in found)
        {
            if (Searched.Entry(number) is MessageEntry entry && (highest is not { } other || entry.ModSeq > other))
                highest = entry.ModSeq;
        }

        return highest;
    }
}
