using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

/// <summary>Test messages, and the parser in one call.</summary>
internal static class Samples
{
    public static string Folder { get; } = FindFolder();

    public static IEnumerable<string> Corpus => Directory.EnumerateFiles(Path.Combine(Folder, "corpus"), "*.eml", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public static IEnumerable<string> Goldens => Directory.EnumerateFiles(Path.Combine(Folder, "mime"), "*.eml").Order(StringComparer.Ordinal);

    public static byte[] Octets(string latin1) => Encoding.Latin1.GetBytes(latin1);

    public static MimeMessage Parse(string latin1) => Parse(Octets(latin1));

    public static MimeMessage Parse(params ReadOnlySpan<byte[]> pieces)
    {
        MessageParser parser = new();
        foreach (byte[] piece in pieces)
            parser.Push(piece);
        return parser.Complete();
    }

    public static byte[] WithCrlf(byte[] octets)
    {
        List<byte> output = new(octets.Length + octets.Length / 30);
        for (int i = 0; i < octets.Length; i++)
        {
            if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r'))
                output.Add((byte)'\r');
            output.Add(octets[i]);
        }

        return [.. output];
    }

    private static string FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FullStack.sln")))
                return Path.Combine(folder.FullName, "tests", "Data");
        }

        throw new DirectoryNotFoundException("no FullStack.sln above the test program");
    }
}
