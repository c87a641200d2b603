using System.Text;

namespace FullStack.Store.Posix;

/// <summary>A path as the system takes it: octets that end in NUL. File names need not be UTF-8, so they never become strings.</summary>
internal readonly struct FilePath
{
    private readonly byte[] _octets;

    private FilePath(byte[] octets) => _octets = octets;

    /// <summary>The octets with their final NUL.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    public static FilePath Of(string path)
    {
        byte[] octets = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, octets);
        return new(octets);
    }

    /// <summary>The path of a name in this directory.</summary>
    public FilePath Child(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> self = _octets.AsSpan(0, _octets.Length - 1);
        byte[] octets = new byte[self.Length + 1 + name.Length + 1];
        self.CopyTo(octets);
        octets[self.Length] = (byte)'/';
        name.CopyTo(octets.AsSpan(self.Length + 1));
        return new(octets);
    }

    /// <summary>The path with octets behind its last name.</summary>
    public FilePath WithSuffix(ReadOnlySpan<byte> suffix) => new([.. _octets.AsSpan(0, _octets.Length - 1), .. suffix, 0]);

    /// <summary>The directory that this is a name in; <c>/</c> or <c>.</c> where none is written.</summary>
    public FilePath Directory
    {
        get
        {
            int slash = _octets.AsSpan().LastIndexOf((byte)'/');
            return slash < 0 ? Of(".") : slash == 0 ? Of("/") : new([.. _octets.AsSpan(0, slash), 0]);
        }
    }

    /// <summary>What the path names in its directory.</summary>
    public ReadOnlySpan<byte> LastName => _octets.AsSpan(_octets.AsSpan().LastIndexOf((byte)'/') + 1)[..^1];

    /// <summary>A file beside this one, whose name begins with a dot: listings of mail leave it out.</summary>
    public FilePath Hidden
    {
        get
        {
            int slash = _octets.AsSpan().LastIndexOf((byte)'/');
            return new([.. _octets.AsSpan(0, slash + 1), (byte)'.', .. _octets.AsSpan(slash + 1)]);
        }
    }

    public FilePath Child(string name) => Child(Encoding.UTF8.GetBytes(name));

    public override string ToString() => Encoding.UTF8.GetString(_octets.AsSpan(0, _octets.Length - 1));
}
