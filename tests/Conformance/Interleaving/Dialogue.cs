using System.Text;

namespace FullStack.Conformance.Interleaving;

/// <summary>What was said last on all connections, in the form of a transcript.</summary>
internal sealed class Dialogue
{
    private const int MaxLines = 400;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = [];

    public void Sent(string session, string text) => Add($"C{session}: ", text);

    public void Received(string session, string text) => Add($"S{session}: ", text);

    public void Note(string text) => Add("# ", text);

    public override string ToString()
    {
        lock (_gate)
            return string.Concat(_lines.Select(static line => line + Environment.NewLine));
    }

    private void Add(string start, string text)
    {
        StringBuilder line = new(start);
        line.Append(text.Replace("\r\n", "\\r\\n", StringComparison.Ordinal));
        lock (_gate)
        {
            _lines.Enqueue(line.ToString());
            if (_lines.Count > MaxLines)
                _lines.Dequeue();
        }
    }
}
