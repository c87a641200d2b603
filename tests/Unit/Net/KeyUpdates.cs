using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;

namespace FullStack.Unit.Net;

/// <summary>Makes TLS 1.3 key updates, for which .NET has no interface, with the OpenSSL connection below a client's stream.</summary>
/// <remarks>RFC 8446 §4.6.3. Each asks the peer for one of its own.</remarks>
internal sealed class KeyUpdates
{
    private const int Requested = 1;

    private readonly SafeHandle _connection;

    public KeyUpdates(SslStream client)
        => _connection = (SafeHandle)typeof(SslStream).GetField("_securityContext", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(client)!;

    /// <summary>The records of several, as they go over the wire.</summary>
    public byte[] Make(int count)
    {
        nint ssl = _connection.DangerousGetHandle();
        byte[] records = new byte[count * 64];
        int length = 0;
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(1, KeyUpdate(ssl, Requested));
            Assert.Equal(1, DoHandshake(ssl));
            length += Read(WriteEnd(ssl), ref records[length], records.Length - length);
        }

        return records[..length];
    }

    [DllImport("libssl.so.3", EntryPoint = "SSL_key_update")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int KeyUpdate(nint ssl, int type);

    [DllImport("libssl.so.3", EntryPoint = "SSL_do_handshake")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int DoHandshake(nint ssl);

    [DllImport("libssl.so.3", EntryPoint = "SSL_get_wbio")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint WriteEnd(nint ssl);

    [DllImport("libcrypto.so.3", EntryPoint = "BIO_read")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Read(nint bio, ref byte octets, int count);
}
