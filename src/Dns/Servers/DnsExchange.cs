using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FullStack.Dns.Wire;

namespace FullStack.Dns.Servers;

/// <summary>What one server answered; or why there is nothing.</summary>
internal readonly record struct ServerReply(DnsMessage? Message, string Failure);

/// <summary>Takes one question to one server and its answer back: by UDP, and by TCP where the answer is too long for that.</summary>
/// <remarks>
/// RFC 1035 §4.2; TCP after a truncated answer RFC 7766 §5. Each question has a socket of its own, bound to a port that the system chooses at random,
/// and connected, so that the system lets through only what comes from the server (RFC 5452 §9).
/// </remarks>
internal sealed class DnsExchange(TimeProvider time)
{
    private const int MaxDatagram = 4096;

    /// <summary>Datagrams that are no answer to the question before someone is taken to be guessing, and TCP is used, which cannot be guessed.</summary>
    private const int MaxWrong = 8;

    /// <param name="server">Asked.</param>
    /// <param name="query">The question.</param>
    /// <param name="timeout">For the whole exchange, TCP included.</param>
    /// <param name="ct">Ends the wait with an exception.</param>
    public async ValueTask<ServerReply> AskAsync(NameServer server, DnsQuery query, TimeSpan timeout, CancellationToken ct)
    {
        using CancellationTokenSource limit = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxDatagram);
        try
        {
            int length = await AskByUdpAsync(server.EndPoint, query, buffer, either.Token);
            if (length > 0)
                return Read(buffer.AsSpan(0, length));
            return await AskByTcpAsync(server.EndPoint, query, either.Token);
        }
        catch (SocketException e)
        {
            return new(null, e.SocketErrorCode.ToString());
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(null, "timed out");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>The length of the answer; 0 where it has to be fetched by TCP.</returns>
    private static async ValueTask<int> AskByUdpAsync(IPEndPoint server, DnsQuery query, byte[] buffer, CancellationToken ct)
    {
        using Socket socket = new(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, ct);
        await socket.SendAsync(query.Octets, SocketFlags.None, ct);
        for (int wrong = 0; wrong < MaxWrong; wrong++)
        {
            int length = await socket.ReceiveAsync(buffer.AsMemory(0, MaxDatagram), SocketFlags.None, ct);
            if (query.IsAnsweredBy(buffer.AsSpan(0, length), out DnsHeader header))
                return header.IsTruncated ? 0 : length;
        }

        return 0;
    }

    private static async ValueTask<ServerReply> AskByTcpAsync(IPEndPoint server, DnsQuery query, CancellationToken ct)
    {
        using Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, ct);
        byte[] question = new byte[query.Octets.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(question, (ushort)query.Octets.Length);
        query.Octets.CopyTo(question.AsMemory(2));
        await SendAllAsync(socket, question, ct);
        byte[] lengthOctets = new byte[2];
        if (!await TryReceiveAsync(socket, lengthOctets, ct))
            return new(null, "closed the connection");
        byte[] answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(lengthOctets)];
        if (!await TryReceiveAsync(socket, answer, ct))
            return new(null, "closed the connection");
        return query.IsAnsweredBy(answer, out _) ? Read(answer) : new(null, "answered another question");
    }

    private static async ValueTask SendAllAsync(Socket socket, ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        while (octets.Length > 0)
            octets = octets[await socket.SendAsync(octets, SocketFlags.None, ct)..];
    }

    private static async ValueTask<bool> TryReceiveAsync(Socket socket, Memory<byte> into, CancellationToken ct)
    {
        while (into.Length > 0)
        {
            int read = await socket.ReceiveAsync(into, SocketFlags.None, ct);
            if (read == 0)
                return false;
            into = into[read..];
        }

        return true;
    }

    private static ServerReply Read(ReadOnlySpan<byte> octets)
        => DnsMessage.TryParse(octets, out DnsMessage? message) ? new(message, "") : new(null, "sent a damaged answer");
}
