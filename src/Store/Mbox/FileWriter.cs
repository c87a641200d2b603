using System.Buffers;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>Writes octets to a file one behind the other, in large pieces. The first error stays. Blocks.</summary>
internal sealed class FileWriter(IMaildirFiles files, SafeFileHandle file, long offset) : IDisposable
{
    private const int BlockOctets = 256 * 1024;

    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(BlockOctets);
    private int _filled;
    private long _written = offset;

    public FileError Error { get; private set; }

    /// <summary>Where in the file the next octet goes.</summary>
    public long Position => _written + _filled;

    public void Write(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty && Error == FileError.None)
        {
            int count = Math.Min(octets.Length, BlockOctets - _filled);
            octets[..count].CopyTo(_block.AsSpan(_filled));
            _filled += count;
            octets = octets[count..];
            if (_filled == BlockOctets)
                Flush();
        }
    }

    /// <summary>Copies octets of another file.</summary>
    public void Copy(SafeFileHandle source, long from, long to)
    {
        while (from < to && Error == FileError.None)
        {
            if (_filled == BlockOctets)
                Flush();
            int wanted = (int)Math.Min(BlockOctets - _filled, to - from);
            FileError read = files.Read(source, _block.AsSpan(_filled, wanted), from, out int count);
            if (read != FileError.None || count == 0)
                Error = read == FileError.None ? FileError.Failed : read;
            _filled += count;
            from += count;
        }
    }

    /// <summary>What is to be written is not known: nothing more is.</summary>
    public void Fail(FileError error) => Error = Error == FileError.None ? error : Error;

    /// <summary>Writes what waits.</summary>
    public FileError Flush()
    {
        if (Error == FileError.None && _filled > 0)
            Error = files.Write(file, _block.AsSpan(0, _filled), _written);
        _written += _filled;
        _filled = 0;
        return Error;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_block);
}
