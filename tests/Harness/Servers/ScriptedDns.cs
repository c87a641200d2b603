using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FullStack.Harness.Servers;

/// <summary>How the scripted server treats a question.</summary>
public enum DnsTrouble
{
    None,
    Silent,
    ServerFailure,
    Refused,

    /// <summary>UDP answers are cut off, so that the whole one comes by TCP only.</summary>
    Truncated,

    /// <summary>The same, and by TCP the answer begins and never ends.</summary>
    Dripping,

    /// <summary>Questions with EDNS are answered FORMERR.</summary>
    NoExtensions,

    /// <summary>Ten forged answers come before the right one.</summary>
    Forged,

    /// <summary>The answer is damaged.</summary>
    Damaged,
}

/// <summary>
/// A DNS server of a test's own, by UDP and TCP on one loopback port: it answers from the records that it was given as a server does that searches for
/// others, follows aliases, and says NXDOMAIN or nothing with an SOA where it has none.
/// </summary>
/// <remarks>
/// <c>dns.Add("example.test MX 10 mx.example.test")</c>; names below one given to <see cref="Sign"/> are answered as proved by DNSSEC.
/// </remarks>
public sealed class ScriptedDns : IDisposable
{
    private const int MaxAliases = 8;

    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly List<ZoneRecord> _records = [];
    private readonly List<string> _signed = [];
    private readonly Dictionary<string, DnsTrouble> _troubles = [];
    private readonly ConcurrentQueue<string> _queries = new();

    public ScriptedDns()
    {
        (_udp, _tcp) = BindBoth();
        EndPoint = (IPEndPoint)_udp.LocalEndPoint!;
        _ = ServeUdpAsync();
        _ = ServeTcpAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>All that was asked, as <c>udp example.test MX</c>, in order.</summary>
    public IReadOnlyCollection<string> Queries => _queries;

    /// <summary>Seconds that a negative answer is true; null: there is no SOA in it.</summary>
    public uint? NegativeTtl { get; set; } = 60;

    /// <summary>Adds records, one a line, as in a master file without classes and brackets: <c>NAME [TTL] TYPE DATA</c>. Names are whole.</summary>
    public ScriptedDns Add(string lines)
    {
        lock (_gate)
            _records.AddRange(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ZoneRecord.Parse));
        return this;
    }

    /// <summary>Takes all records of a name away.</summary>
    public void Remove(string name)
    {
        lock (_gate)
            _records.RemoveAll(record => record.Name == ZoneRecord.Plain(name));
    }

    /// <summary>From now on, answers about the name and all below it are proved; "" for every name.</summary>
    public ScriptedDns Sign(string zone)
    {
        lock (_gate)
            _signed.Add(ZoneRecord.Plain(zone));
        return this;
    }

    /// <summary>Sets how questions for a name are treated; "" for every name that has nothing of its own.</summary>
    /// <param name="name">Whole.</param>
    /// <param name="trouble">What is wrong.</param>
    /// <param name="type">One type of record; null: all.</param>
    public ScriptedDns Trouble(string name, DnsTrouble trouble, string? type = null)
    {
        lock (_gate)
            _troubles[$"{ZoneRecord.Plain(name)} {type}"] = trouble;
        return this;
    }

    /// <summary>How often something was asked: <c>example.test MX</c>.</summary>
    public int TimesAsked(string question) => _queries.Count(query => query.EndsWith($" {question}", StringComparison.Ordinal));

    public void Dispose()
    {
        _closing.Cancel();
        _udp.Dispose();
        _tcp.Dispose();
    }

    private static (Socket Udp, Socket Tcp) BindBoth()
    {
        while (true)
        {
            Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                tcp.Bind(udp.LocalEndPoint!);
                tcp.Listen();
                return (udp, tcp);
            }
            catch (SocketException)
            {
                udp.Dispose(); // the port is taken by TCP
                tcp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _closing.Token);
                foreach (byte[] answer in Answer(buffer.AsSpan(0, received.ReceivedBytes), isTcp: false))
                    await _udp.SendToAsync(answer, SocketFlags.None, received.RemoteEndPoint, _closing.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It is over.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
                _ = ServeConnectionAsync(await _tcp.AcceptAsync(_closing.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It is over.
        }
    }

    private async Task ServeConnectionAsync(Socket connection)
    {
        try
        {
            await using NetworkStream stream = new(connection, ownsSocket: true);
            byte[] length = new byte[2];
            await stream.ReadExactlyAsync(length, _closing.Token);
            byte[] question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(question, _closing.Token);
            foreach (byte[] answer in Answer(question, isTcp: true))
            {
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                if (Drips(question))
                {
                    await stream.WriteAsync((byte[])[.. length, answer[0]], _closing.Token);
                    await Task.Delay(Timeout.Infinite, _closing.Token);
                }

                await stream.WriteAsync((byte[])[.. length, .. answer], _closing.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The client has gone, or all is over.
        }
    }

    private bool Drips(ReadOnlySpan<byte> question)
    {
        (string name, ushort type, _) = ReadQuestion(question);
        lock (_gate)
            return TroubleOf(name, ZoneRecord.TypeName(type)) == DnsTrouble.Dripping;
    }

    private IEnumerable<byte[]> Answer(ReadOnlySpan<byte> question, bool isTcp)
    {
        (string name, ushort type, int end) = ReadQuestion(question);
        string typeName = ZoneRecord.TypeName(type);
        bool isExtended = question[11] > 0;
        lock (_gate)
        {
            DnsTrouble trouble = TroubleOf(name, typeName);
            byte[] whole = Compose(question[..end], name, type);
            _queries.Enqueue($"{(isTcp ? "tcp" : "udp")} {name} {typeName}"); // what is changed once it is seen changes this answer no more
            return trouble switch
            {
                DnsTrouble.Silent => [],
                DnsTrouble.ServerFailure => [Bare(question[..end], code: 2)],
                DnsTrouble.Refused => [Bare(question[..end], code: 5)],
                DnsTrouble.NoExtensions when isExtended => [Bare(question[..end], code: 1)],
                DnsTrouble.Truncated or DnsTrouble.Dripping when !isTcp => [Truncated(question[..end])],
                DnsTrouble.Damaged => [whole[..^1]],
                DnsTrouble.Forged => [.. Forgeries(whole, end), whole],
                _ => [whole],
            };
        }
    }

    private DnsTrouble TroubleOf(string name, string type)
        => _troubles.TryGetValue($"{name} {type}", out DnsTrouble exact) ? exact
            : _troubles.TryGetValue($"{name} ", out DnsTrouble ofName) ? ofName
            : _troubles.GetValueOrDefault(" ");

    private static (string Name, ushort Type, int End) ReadQuestion(ReadOnlySpan<byte> question)
    {
        List<string> labels = [];
        int at = 12;
        for (; question[at] > 0; at += question[at] + 1)
            labels.Add(Encoding.Latin1.GetString(question.Slice(at + 1, question[at])).ToLowerInvariant());
        return (string.Join('.', labels), BinaryPrimitives.ReadUInt16BigEndian(question[(at + 1)..]), at + 5);
    }

    private static byte[] Bare(ReadOnlySpan<byte> question, int code)
    {
        byte[] answer = question.ToArray();
        answer[2] = 0x81;
        answer[3] = (byte)(0x80 | code);
        answer.AsSpan(6, 6).Clear();
        return answer;
    }

    private static byte[] Truncated(ReadOnlySpan<byte> question)
    {
        byte[] answer = Bare(question, code: 0);
        answer[2] |= 0x02;
        return answer;
    }

    /// <summary>Answers that someone could send who does not see the question: another id, another name, another type.</summary>
    private static IEnumerable<byte[]> Forgeries(byte[] whole, int end)
    {
        foreach (int place in (int[])[0, 1, 13, end - 3])
        {
            byte[] forged = [.. whole];
            forged[place] ^= 0x15;
            yield return forged;
        }
    }

    private byte[] Compose(ReadOnlySpan<byte> question, string name, ushort type)
    {
        byte[] answer = Bare(question, code: 0);
        List<ZoneRecord> records = [];
        bool proved = true;
        for (int aliases = 0; ; aliases++)
        {
            proved &= _signed.Any(zone => zone.Length == 0 || name == zone || name.EndsWith($".{zone}", StringComparison.Ordinal));
            ZoneRecord[] own = [.. _records.Where(record => record.Name == name && record.Type == type)];
            records.AddRange(own);
            ZoneRecord? alias = _records.Find(record => record.Name == name && record.Type == ZoneRecord.TypeNumber("CNAME"));
            if (own.Length > 0 || alias is null || aliases == MaxAliases)
                break;
            records.Add(alias);
            name = NameIn(alias.Data);
        }

        bool exists = _records.Exists(record => record.Name == name || record.Name.EndsWith($".{name}", StringComparison.Ordinal));
        bool isNegative = records.Count == 0 || records[^1].Type != type;
        answer[3] |= (byte)(exists ? 0 : 3);
        if (proved)
            answer[3] |= 0x20;
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)records.Count);
        if (isNegative && NegativeTtl is { } seconds)
        {
            answer[9] = 1;
            records.Add(ZoneRecord.Parse($". {seconds} SOA ns.test hostmaster.test 1 3600 600 86400 {seconds}"));
        }

        return [.. answer, .. records.SelectMany(Encode)];
    }

    private static string NameIn(byte[] wire)
    {
        List<string> labels = [];
        for (int at = 0; wire[at] > 0; at += wire[at] + 1)
            labels.Add(Encoding.Latin1.GetString(wire, at + 1, wire[at]));
        return ZoneRecord.Plain(string.Join('.', labels));
    }

    private static byte[] Encode(ZoneRecord record)
    {
        byte[] fixedPart = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart, record.Type);
        fixedPart[3] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(fixedPart.AsSpan(4), record.Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart.AsSpan(8), (ushort)record.Data.Length);
        return [.. ZoneRecord.Wire(record.Name), .. fixedPart, .. record.Data];
    }
}
