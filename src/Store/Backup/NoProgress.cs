namespace FullStack.Store.Backup;

/// <summary>Nobody wants to know how far it is.</summary>
internal sealed class NoProgress : IProgress<long>
{
    public static NoProgress Instance { get; } = new();

    public void Report(long value)
    {
    }
}
