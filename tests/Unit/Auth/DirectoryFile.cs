using FullStack.Auth.Backends;
using FullStack.Harness;

namespace FullStack.Unit.Auth;

/// <summary>An account directory in a folder of its own, removed afterwards.</summary>
internal sealed class DirectoryFile : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public DirectoryFile() => Directory = new AccountDirectory(Path);

    public string Path => _folder.File("directory.db");
    public AccountDirectory Directory { get; }

    public void Dispose()
    {
        Directory.Dispose();
        _folder.Dispose();
    }
}
