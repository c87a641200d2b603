using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Auth;

/// <summary>An account directory in a folder of its own, removed afterwards.</summary>
internal sealed class DirectoryFile : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public DirectoryFile() => Directory = new AccountDirectory(Path);

    public string Path => _folder.File("directory.db");
    public AccountDirectory Directory { get; }

    /// <summary>An authenticator that knows the directory's accounts and no others.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="time">Its clock; null: one that stands still.</param>
    public Authenticator NewAuthenticator(AuthOptions options, TimeProvider? time = null)
        => new(new AccountBackends(Directory), options, time ?? new ManualTimeProvider(), NullLogger<Authenticator>.Instance);

    public void Dispose()
    {
        Directory.Dispose();
        _folder.Dispose();
    }
}
