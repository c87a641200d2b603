namespace FullStack.Server.Hosting;

/// <summary>What was opened, one part on top of the other; closed the other way round.</summary>
internal sealed class OpenedParts : IAsyncDisposable
{
    private readonly Stack<object> _parts = new();

    /// <summary>Takes a part over.</summary>
    public T Add<T>(T part)
        where T : class
    {
        _parts.Push(part);
        return part;
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out object? part))
        {
            if (part is IAsyncDisposable slow)
                await slow.DisposeAsync();
            else if (part is IDisposable quick)
                quick.Dispose();
        }
    }
}
