namespace FullStack.Store.Maildir;

/// <summary>
/// Turns line ends as they come on the wire into line ends as stored, in pieces of any size, and counts what the stored
/// octets will be on the wire.
/// </summary>
/// <remarks>
/// CRLF becomes LF. A CR before a CRLF would make the stored CR LF look like one line end, so there the CRLF stays: only
/// thus does every message come out as it went in. Bare CR and LF stay.
/// </remarks>
internal sealed class WireToStored
{
    private int _heldReturns;
    private bool _endsWithReturn;

    /// <summary>Octets given out so far.</summary>
    public long StoredOctets { get; private set; }

    /// <summary>What they will be when each line end is CRLF.</summary>
    public long WireOctets { get; private set; }

    /// <summary>Most octets that <see cref="Push"/> can give out for so many taken: CRs held back come on top.</summary>
    public int MaxOutput(int input) => input + _heldReturns;

    /// <summary>Converts a piece.</summary>
    /// <returns>Octets put into <paramref name="output"/>.</returns>
    public int Push(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int written = 0;
        while (!input.IsEmpty)
        {
            if (_heldReturns == 0 && input.IndexOf((byte)'\r') is var clean and not 0)
            {
                ReadOnlySpan<byte> run = clean < 0 ? input : input[..clean];
                run.CopyTo(output[written..]);
                written += run.Length;
                WireOctets += run.Length + run.Count((byte)'\n');
                input = input[run.Length..];
                continue;
            }

            byte octet = input[0];
            input = input[1..];
            if (octet == '\r' && _heldReturns < 2)
                _heldReturns++;
            else if (octet == '\r')
            {
                // Two are enough to know what a following LF means.
                output[written++] = octet;
                WireOctets++;
            }
            else
            {
                written += Release(octet == '\n', output[written..]);
                output[written++] = octet;
                WireOctets += octet == '\n' && _endsWithReturn ? 1 : octet == '\n' ? 2 : 1;
                _endsWithReturn = false;
            }
        }

        StoredOctets += written;
        return written;
    }

    /// <summary>Gives out CRs at the very end of the message.</summary>
    public int Complete(Span<byte> output)
    {
        int written = Release(beforeLineFeed: false, output);
        StoredOctets += written;
        return written;
    }

    private int Release(bool beforeLineFeed, Span<byte> output)
    {
        int returns = beforeLineFeed && _heldReturns == 1 ? 0 : _heldReturns;
        output[..returns].Fill((byte)'\r');
        WireOctets += returns;
        _endsWithReturn = returns > 0;
        _heldReturns = 0;
        return returns;
    }
}
