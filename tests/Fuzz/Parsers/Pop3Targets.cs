using System.Text;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Fuzz.Parsers;

/// <summary>What POP3 clients say.</summary>
internal static class Pop3Targets
{
    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("Pop3Reader.ReadKeyword", [.. TranscriptSeeds.Of("pop3").Select(Encoding.Latin1.GetString).Where(static text => text.IndexOf('\n', StringComparison.Ordinal) == text.Length - 1)], static input =>
        {
            Pop3Reader reader = new(input.Span.TrimEnd("\r\n"u8));
            Pop3VerbEntry? entry = Pop3VerbTable.Find(reader.ReadKeyword());
            _ = entry?.Parse(ref reader);
            Assert.InRange(reader.Position, 0, input.Span.Length);
        }) { MaxPerOctet = 256 },
    ];
}
