using System.Net.Sockets;

namespace FullStack.Server.Logging;

/// <summary>Sends each write as one datagram to a Unix socket, such as journald's or a syslog daemon's.</summary>
/// <remarks>The daemon may be started anew at any time: a datagram that finds nobody is tried once more on a new socket, and then lost. It never blocks mail, for it runs on the log's own thread.</remarks>
internal sealed class DatagramOutput(string path) : Stream
{
    private Socket? _socket;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!TrySend(buffer))
            TrySend(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // A datagram is sent when it is written.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _socket?.Dispose();
        base.Dispose(disposing);
    }

    private bool TrySend(ReadOnlySpan<byte> datagram)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
                _socket.Connect(new UnixDomainSocketEndPoint(path));
            }

            _socket.Send(datagram);
            return true;
        }
        catch (SocketException)
        {
            _socket?.Dispose();
            _socket = null;
            return false;
        }
    }
}
