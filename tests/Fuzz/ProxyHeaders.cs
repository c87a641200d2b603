using System.Text;

namespace FullStack.Fuzz;

/// <summary>What is sent before a session.</summary>
/// <param name="Octets">The octets.</param>
/// <param name="IsWhole">The server will take it for what it is, and greet.</param>
internal readonly record struct FuzzPrefix(byte[] Octets, bool IsWhole);

/// <summary>Headers of the PROXY protocol, whole or damaged, and what may follow them.</summary>
internal static class ProxyHeaders
{
    private const int DamagedOneIn = 4;

    private static readonly byte[][] s_whole =
    [
        "PROXY TCP4 192.0.2.1 198.51.100.1 40000 25\r\n"u8.ToArray(),
        "PROXY TCP6 2001:db8::1 2001:db8::2 40000 25\r\n"u8.ToArray(),
        "PROXY UNKNOWN and whatever else\r\n"u8.ToArray(),
        [.. Signature, 0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 1, 0x9C, 0x40, 0, 25],
        [.. Signature, 0x21, 0x11, 0, 16, 192, 0, 2, 1, 198, 51, 100, 1, 0x9C, 0x40, 0, 25, 4, 0, 1, 0], // with a field behind the addresses
        [.. Signature, 0x21, 0x21, 0, 36, .. new byte[36]],
        [.. Signature, 0x20, 0, 0, 0], // the proxy's own connection
    ];

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    public static FuzzPrefix Next(Random random)
    {
        byte[] header = (byte[])s_whole[random.Next(s_whole.Length)].Clone();
        if (random.Next(DamagedOneIn) > 0)
            return new(header, IsWhole: true);
        switch (random.Next(4))
        {
            case 0:
                header[random.Next(header.Length)] ^= (byte)(1 << random.Next(8));
                return new([.. header, .. Ending], IsWhole: false);
            case 1:
                return new([.. header.AsSpan(0, random.Next(header.Length)), .. Ending], IsWhole: false);
            case 2:
                return new([.. header, .. header], IsWhole: false);
            default:
                byte[] noise = new byte[random.Next(1, 600)];
                random.NextBytes(noise);
                return new([.. header.AsSpan(0, random.Next(header.Length)), .. noise, .. Ending], IsWhole: false);
        }
    }

    /// <summary>More than any header may hold, so that none is waited for to its end.</summary>
    private static byte[] Ending { get; } = Encoding.ASCII.GetBytes(new string('\n', 70_000));
}
