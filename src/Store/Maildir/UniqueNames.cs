using System.Globalization;
using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Maildir;

/// <summary>Makes base names that no other process and no other call makes.</summary>
internal sealed class UniqueNames
{
    private readonly TimeProvider _time;
    private readonly string _host;
    private readonly string _process;
    private long _count;
    private long _lastMicrosecond;

    public UniqueNames(TimeProvider time, string hostName)
    {
        _time = time;
        _host = EncodeHost(hostName);

        // Process ids come again after a restart, and at once in containers: the random part tells two lives apart.
        _process = string.Create(CultureInfo.InvariantCulture, $"P{Environment.ProcessId}R{Convert.ToHexString(Guid.NewGuid().ToByteArray(), 0, 4)}");
    }

    /// <summary>A name without sizes, for tmp/ and for staged files. Later names sort after earlier ones.</summary>
    public string NextTemporary()
    {
        long micros = NextMicrosecond();
        return string.Create(CultureInfo.InvariantCulture,
            $"{micros / 1_000_000}.M{micros % 1_000_000:D6}{_process}_{Interlocked.Increment(ref _count)}.{_host}");
    }

    /// <summary>A base name with the message's size as stored and on the wire.</summary>
    /// <param name="storedOctets">The size as stored; -1 where it is not known: no size is better than a wrong one, with which Dovecot refuses the message.</param>
    /// <param name="length">The size on the wire.</param>
    public byte[] Next(long storedOctets, WireLength length) => WithSizes(NextTemporary(), storedOctets, length);

    /// <summary>The base name of a marked delivery: the same each time.</summary>
    public byte[] Of(DeliveryMark mark, long storedOctets, WireLength length)
        => WithSizes(string.Create(CultureInfo.InvariantCulture, $"{mark.Time.ToUnixTimeSeconds()}.Q{mark.Key}.{_host}"), storedOctets, length);

    private static byte[] WithSizes(string name, long storedOctets, WireLength length)
    {
        string stored = storedOctets < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $",S={storedOctets}");
        string wire = length.Octets < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $",W={length.Octets}");
        byte[] sized = Encoding.ASCII.GetBytes($"{name}{stored}{wire}");
        return length is { Octets: >= 0, IsSentAsIs: true } ? [.. sized, .. MaildirFileName.SentAsIs] : sized;
    }

    /// <summary>The time in microseconds, but always later than the last: messages keep their order in the same tick, and when the clock is set back.</summary>
    private long NextMicrosecond()
    {
        long now = (_time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        long last = Volatile.Read(ref _lastMicrosecond);
        while (true)
        {
            long next = Math.Max(now, last + 1);
            long seen = Interlocked.CompareExchange(ref _lastMicrosecond, next, last);
            if (seen == last)
                return next;
            last = seen;
        }
    }

    private static string EncodeHost(string host)
    {
        StringBuilder encoded = new();
        foreach (char c in host.Length > 64 ? host[..64] : host)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
                encoded.Append(c);
            else
                encoded.Append('\\').Append(Convert.ToString(c & 0xFF, 8).PadLeft(3, '0'));
        }

        return encoded.Length == 0 ? "localhost" : encoded.ToString();
    }
}
