using System.Buffers;
using System.IO.Pipelines;

namespace FullStack.Net.Proxy;

/// <summary>Takes a proxy's header off the front of a connection, before anything else is read of it.</summary>
public static class ProxyReader
{
    /// <summary>Reads the header.</summary>
    /// <param name="input">What the peer sends.</param>
    /// <param name="timeout">How long the header may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="PeerGoneException">The peer sent something else, too little in time, or closed.</exception>
    public static async ValueTask<ProxyHeader> ReadAsync(PipeReader input, TimeSpan timeout, TimeProvider time, CancellationToken ct)
    {
        using CancellationTokenSource limit = new(timeout, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(both.Token);
                switch (Parse(read.Buffer, out ProxyHeader? header, out int length))
                {
                    case ProxyParse.Done:
                        input.AdvanceTo(read.Buffer.GetPosition(length));
                        return header!;
                    case ProxyParse.Malformed:
                        throw new PeerGoneException("a proxy was to say whose connection it is, and said something else");
                    default:
                        input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                        break;
                }

                if (read.IsCompleted)
                    throw new PeerGoneException("the proxy closed before it said whose connection it is");
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new PeerTimeoutException("the proxy did not say in time whose connection it is");
        }
        catch (IOException e)
        {
            throw new PeerGoneException(e.Message, e);
        }
    }

    private static ProxyParse Parse(ReadOnlySequence<byte> buffer, out ProxyHeader? header, out int length)
    {
        if (buffer.IsSingleSegment)
            return ProxyHeader.Read(buffer.FirstSpan, out header, out length);
        Span<byte> start = stackalloc byte[ProxyHeader.MaxBinaryOctets];
        start = start[..(int)Math.Min(start.Length, buffer.Length)];
        buffer.Slice(0, start.Length).CopyTo(start);
        return ProxyHeader.Read(start, out header, out length);
    }
}
