using System.Text;

namespace FullStack.Conformance.Interleaving;

/// <summary>What was said on all connections, in the form of a transcript.</summary>
internal sealed class Dialogue
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public void Sent(string session, string text) => Add($"C{session}: ", text);

    public void Received(string session, string text) => Add($"S{session}: ", text);

    public void Note(string text) => Add("# ", text);

    public override string ToString()
    {
        lock (_gate)
            return string.Concat(_lines.TakeLast(400).Select(static line => line + Environment.NewLine));
    }

    private void Add(string start, string text)
    {
        StringBuilder line = new(start);
        line.Append(text.Replace("\r\n", "\\r\\n", StringComparison.Ordinal));
        lock (_gate)
            _lines.Add(line.ToString());
    }
}
