using System.Text;

namespace FullStack.Harness.Transcripts;

/// <summary>A conversation with the server, read from a file. tests/Conformance/README.md has the format.</summary>
/// <param name="File">Its path below tests/Conformance.</param>
/// <param name="Header">What it needs.</param>
/// <param name="Steps">What happens.</param>
/// <param name="Messages">Messages written in it, by name: whole messages with CRLF, as octets.</param>
public sealed record Transcript(
    string File, TranscriptHeader Header, IReadOnlyList<TranscriptStep> Steps, IReadOnlyDictionary<string, string> Messages)
{
    /// <summary>The folder that all transcripts are in.</summary>
    public static string Folder { get; } = SourceTree.PathOf("tests", "Conformance");

    /// <summary>The folder's name is the protocol.</summary>
    public string Protocol => Path.GetDirectoryName(File)!;

    /// <summary>All transcripts of a protocol, as paths below <see cref="Folder"/>, sorted.</summary>
    public static IReadOnlyList<string> Files(string protocol)
        => [.. Directory.EnumerateFiles(Path.Combine(Folder, protocol), "*.txt", SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    /// <exception cref="TranscriptSyntaxException">The file is not a transcript.</exception>
    public static Transcript Load(string file)
        => Parse(file, System.IO.File.ReadAllText(Path.Combine(Folder, file), Encoding.Latin1));

    /// <param name="file">Its name in failures.</param>
    /// <param name="text">The octets of the file, one char each.</param>
    /// <exception cref="TranscriptSyntaxException">The text is not a transcript.</exception>
    public static Transcript Parse(string file, string text) => new TranscriptParser(file, text).Parse();
}

/// <summary>A file that should be a transcript is not one.</summary>
public sealed class TranscriptSyntaxException(string file, int line, string problem) : Exception($"{file}:{line}: {problem}");
