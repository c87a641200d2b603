namespace FullStack.Queue.Routing;

/// <summary>How an address was followed, for people.</summary>
/// <param name="Text">An address, a program or a file, with what is to be said of it.</param>
public sealed record ExpansionNode(string Text)
{
    private readonly List<ExpansionNode> _children = [];

    /// <summary>What it led to.</summary>
    public IReadOnlyList<ExpansionNode> Children => _children;

    internal ExpansionNode Add(string text)
    {
        ExpansionNode child = new(text);
        _children.Add(child);
        return child;
    }
}
