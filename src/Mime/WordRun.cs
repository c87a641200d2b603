using System.Text;

namespace FullStack.Mime;

/// <summary>Neighbouring words, decoded together as long as their charset is one.</summary>
internal sealed class WordRun(StringBuilder text)
{
    private readonly List<byte> _octets = [];
    private Encoding? _encoding;

    public bool Any { get; private set; }

    public void Add(EncodedWord word)
    {
        if (_encoding is not null && _encoding.CodePage != word.Encoding.CodePage)
            Decode();
        _encoding = word.Encoding;
        Any = true;
        word.AppendTo(_octets);
    }

    public void Flush()
    {
        Decode();
        Any = false;
    }

    private void Decode()
    {
        if (_encoding is not null)
            text.Append(_encoding.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_octets)));
        _octets.Clear();
        _encoding = null;
    }
}
