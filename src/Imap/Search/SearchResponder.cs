using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Search;

/// <summary>Writes what a search found.</summary>
/// <remarks>RFC 3501 §7.2.5; ESEARCH RFC 4731 §3.1 and RFC 4466 §2.6.2; MODSEQ RFC 7162 §3.1.6, RFC 4731 §3.2.</remarks>
internal sealed class SearchResponder(ImapSession session, SearchProgram program, bool byUid)
{
    /// <summary>Numbers written before the output is looked at.</summary>
    private const int NumbersPerFlush = 1024;

    private readonly ImapResponseWriter _writer = session.Writer;

    /// <param name="found">Message numbers, rising.</param>
    public async ValueTask SendAsync(IReadOnlyList<int> found, CancellationToken ct)
    {
        if (program.Return == SearchReturn.None)
            await SendListAsync(found, ct);
        else
            SendExtended(found);
        _writer.EndLine();
        await session.Connection.FlushIfLargeAsync(ct);
    }

    // "SEARCH" *(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"]
    private async ValueTask SendListAsync(IReadOnlyList<int> found, CancellationToken ct)
    {
        _writer.Write("* SEARCH"u8);
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
    private void SendExtended(IReadOnlyList<int> found)
    {
        _writer.Write("* ESEARCH (TAG "u8);
        _writer.String(session.Tag.Span);
        _writer.Write((byte)')');
        if (byUid)
            _writer.Write(" UID"u8);
        if (found.Count > 0)
        {
            // "If the SEARCH results in no matches, the server MUST NOT include the MIN …, MAX …, ALL result option"
            Send(SearchReturn.Min, " MIN "u8, Named(found[0]));
            Send(SearchReturn.Max, " MAX "u8, Named(found[^1]));
            if (Wants(SearchReturn.All))
            {
                _writer.Write(" ALL "u8);
                _writer.NumberSet(NumberRanges.From(found.Select(Named)));
            }
        }

        Send(SearchReturn.Count, " COUNT "u8, (uint)found.Count);
        if (program.UsesModSeq && HighestModSeq(Returned(found)) is { } highest)
        {
            _writer.Write(" MODSEQ "u8);
            _writer.Number(highest.Value);
        }
    }

    /// <summary>The messages that the answer is about: one or two where only MIN or MAX was asked (RFC 4731 §3.2).</summary>
    private IReadOnlyList<int> Returned(IReadOnlyList<int> found)
    {
        if (found.Count == 0 || Wants(SearchReturn.All) || Wants(SearchReturn.Count))
            return found;
        return program.Return switch
        {
            SearchReturn.Min => [found[0]],
            SearchReturn.Max => [found[^1]],
            _ => [found[0], found[^1]],
        };
    }

    private bool Wants(SearchReturn option) => (program.Return & option) != 0;

    private void Send(SearchReturn option, ReadOnlySpan<byte> name, uint number)
    {
        if (!Wants(option))
            return;
        _writer.Write(name);
        _writer.Number(number);
    }

    private uint Named(int number) => byUid ? session.View.UidOf(number).Value : (uint)number;

    private ModSeq? HighestModSeq(IReadOnlyList<int> found)
    {
        ModSeq? highest = null;
        foreach (int number in found)
        {
            if (session.View.Entry(number) is MessageEntry entry && (highest is not { } other || entry.ModSeq > other))
                highest = entry.ModSeq;
        }

        return highest;
    }
}
