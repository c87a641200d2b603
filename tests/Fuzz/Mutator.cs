using System.Text;

namespace FullStack.Fuzz;

/// <summary>Turns what a well-behaved client says into what a broken or hostile one might.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, Random random)
{
    private const int MaxOctets = 64 * 1024;
    private const int MaxMutations = 6;

    /// <summary>What parsers stumble over: line ends, quoting, literals, lists, numbers at their limits.</summary>
    private static readonly byte[][] s_tokens =
    [
        .. new[]
        {
            "\r", "\n", "\r\n", "\0", "\x80", "\xff", "\"", "\\", "(", ")", "()", "[", "]", "<", ">", "*", "%", "{", "}", ".", "\r\n.\r\n", "\n.\n", " ",
            "{4294967296}", "{4294967296}\r\n", "{4294967296+}\r\n", "{18446744073709551616}\r\n", "{0}\r\n", "{5}\r\n", "{5+}\r\nabcde", "{-1}\r\n", "~{3}\r\n",
            "0", "4294967295", "4294967296", "9223372036854775808", "1:*", "*:1", "1:4294967295", "1,1,1,1", "NIL", "\"\\\"", "&AOQ-", "&-", "=", "+", "DONE\r\n", "*\r\n",
        }.Select(Encoding.Latin1.GetBytes),
        [.. Enumerable.Repeat((byte)'(', 2000)],
        [.. Enumerable.Repeat((byte)'A', 10000)],
        [.. Enumerable.Repeat((byte)' ', 3000)],
    ];

    /// <summary>One seed, changed a few times.</summary>
    public byte[] Next()
    {
        List<byte> octets = [.. seeds[random.Next(seeds.Count)]];
        for (int i = random.Next(1, MaxMutations + 1); i > 0; i--)
            Mutate(octets);
        if (octets.Count > MaxOctets)
            octets.RemoveRange(MaxOctets, octets.Count - MaxOctets);
        return [.. octets];
    }

    private void Mutate(List<byte> octets)
    {
        int at = random.Next(octets.Count + 1);
        int length = Math.Min(octets.Count - at, random.Next(1, 40));
        switch (random.Next(8))
        {
            case 0:
                octets.RemoveRange(at, length);
                break;
            case 1:
                Splice(octets, at);
                break;
            case 2:
                byte[] piece = [.. octets.Skip(at).Take(length)];
                for (int times = random.Next(1, 30); times > 0; times--)
                    octets.InsertRange(at, piece);
                break;
            case 3 when at < octets.Count:
                octets[at] = (byte)random.Next(256);
                break;
            case 4:
                octets.RemoveRange(at, octets.Count - at); // the client goes away here, or the rest is another's
                Splice(octets, at);
                break;
            default:
                octets.InsertRange(at, s_tokens[random.Next(s_tokens.Length)]);
                break;
        }
    }

    private void Splice(List<byte> octets, int at)
    {
        byte[] other = seeds[random.Next(seeds.Count)];
        int start = random.Next(other.Length);
        octets.InsertRange(at, other[start..]);
    }
}
