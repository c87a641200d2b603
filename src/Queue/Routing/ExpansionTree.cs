namespace FullStack.Queue.Routing;

/// <summary>Builds the tree while an address is followed.</summary>
internal sealed class ExpansionTree
{
    private readonly Stack<ExpansionNode> _open = new([new ExpansionNode("")]);

    /// <summary>The first node; null where nothing was followed.</summary>
    public ExpansionNode? Root => _open.Last().Children.FirstOrDefault();

    /// <summary>What comes until <see cref="Close"/> is below it.</summary>
    public void Open(string text) => _open.Push(_open.Peek().Add(text));

    public void Close() => _open.Pop();

    public void Note(string text) => _open.Peek().Add(text);
}
