namespace FullStack.Store.Spool;

/// <summary>A message that was dropped.</summary>
/// <param name="Content">Its octets.</param>
/// <param name="Owner">The number of the user whose it is.</param>
public sealed record DroppedMessage(Stream Content, uint Owner) : IDisposable
{
    public void Dispose() => Content.Dispose();
}
