using System.Text;

namespace FullStack.Fuzz.Parsers;

/// <summary>One parser and how it is fuzzed.</summary>
/// <param name="Name">Type and method: <c>DnsName.TryParse</c>.</param>
/// <param name="Seeds">Good input, octets as Latin-1: what is mutated.</param>
/// <param name="Act">Parses, and throws where what came out of it is not as it has to be.</param>
internal sealed record ParserTarget(string Name, IReadOnlyList<string> Seeds, Action<FuzzInput> Act)
{
    /// <summary>Further methods that this reaches with all that it is given.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    /// <summary>How a parser says that something is nothing for it, where it does so by throwing.</summary>
    public Type? Refusal { get; init; }

    /// <summary>Octets allocated at most for each octet of input: what is made of it, by parser and test, in UTF-16 and copies.</summary>
    public int MaxPerOctet { get; init; } = 128;

    /// <summary>Octets allocated at most besides: tables made at first use, buffers, what is made of an empty input.</summary>
    public int MaxFixed { get; init; } = 256 * 1024;

    /// <summary>Lets the input be parsed. A refusal is an answer.</summary>
    public void Run(byte[] input)
    {
        try
        {
            Act(new(input));
        }
        catch (Exception e) when (Refusal is not null && Refusal.IsInstanceOfType(e))
        {
            Assert.NotEqual("", e.Message);
        }
    }

    public IReadOnlyList<byte[]> SeedOctets => [.. Seeds.Select(Encoding.Latin1.GetBytes)];

    public override string ToString() => Name;
}
