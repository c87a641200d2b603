using System.Runtime.InteropServices;
using System.Text;
using FullStack.Auth.Passwords;

namespace FullStack.Auth.Backends.Unix;

/// <summary>Checks passwords by PAM.</summary>
/// <param name="service">The name of the service, a file in the folder of PAM's configuration.</param>
/// <param name="configurationFolder">That folder; null: the system's, <c>/etc/pam.d</c>.</param>
internal sealed partial class PamService(string service, string? configurationFolder)
{
    private const int Success = 0;
    private const int ConversationError = 19;
    private const int BufferError = 5;

    /// <summary>PAM_SILENT and PAM_DISALLOW_NULL_AUTHTOK.</summary>
    private const int Flags = 0x8000 | 0x0001;

    private const int PromptWithoutEcho = 1;
    private const int PromptWithEcho = 2;

    /// <summary>PAM_PERM_DENIED, PAM_AUTH_ERR, PAM_CRED_INSUFFICIENT, PAM_USER_UNKNOWN, PAM_MAXTRIES, PAM_NEW_AUTHTOK_REQD, PAM_ACCT_EXPIRED, PAM_CRED_EXPIRED, PAM_AUTHTOK_EXPIRED.</summary>
    private static readonly int[] s_refusals = [6, 7, 8, 10, 11, 12, 13, 16, 27];

    /// <summary>PAM_NEW_AUTHTOK_REQD, PAM_ACCT_EXPIRED, PAM_CRED_EXPIRED and PAM_AUTHTOK_EXPIRED.</summary>
    private static readonly int[] s_expired = [12, 13, 16, 27];

    /// <summary>PAM_RHOST.</summary>
    private const int RemoteHost = 4;

    private delegate int Conversation(int count, nint messages, nint answers, nint data);

    /// <summary>Blocks, for seconds where the modules delay failures.</summary>
    /// <param name="user">The user's name.</param>
    /// <param name="password">The password.</param>
    /// <param name="peer">The client's address, for modules that ask for it.</param>
    /// <returns>Whether the password is right, and the account in force.</returns>
    /// <exception cref="DirectoryUnavailableException">PAM cannot tell now.</exception>
    public PasswordAnswer Check(string user, string password, string peer)
    {
        if (!SystemLibraries.HasPam)
            throw new DirectoryUnavailableException("PAM is not installed: libpam.so.0 is missing");
        Conversation conversation = (count, messages, answers, _) => Answer(count, messages, answers, user, password);
        Talk talk = new() { Function = Marshal.GetFunctionPointerForDelegate(conversation) };
        int status = configurationFolder is null
            ? Start(service, user, in talk, out nint handle)
            : StartIn(service, user, in talk, configurationFolder, out handle);
        if (status != Success)
            throw Unavailable(status);
        bool isRight = false;
        try
        {
            status = SetItem(handle, RemoteHost, peer);
            if (status == Success)
                status = Authenticate(handle, Flags);
            isRight = status == Success;
            if (isRight)
                status = CheckAccount(handle, Flags);
        }
        finally
        {
            _ = End(handle, status);
            GC.KeepAlive(conversation);
        }

        return status == Success ? PasswordAnswer.Right
            : isRight && s_expired.Contains(status) ? PasswordAnswer.Expired
            : s_refusals.Contains(status) ? PasswordAnswer.Wrong
            : throw Unavailable(status);
    }

    private DirectoryUnavailableException Unavailable(int status) => new($"PAM's service {service} cannot check passwords: error {status}");

    /// <summary>Answers what modules ask: what is not to be seen is the password. PAM frees the answers with free(3).</summary>
    private static int Answer(int count, nint messages, nint answers, string user, string password)
    {
        nint all = Allocate(count, Marshal.SizeOf<Response>());
        if (all == 0)
            return BufferError;
        for (int i = 0; i < count; i++)
        {
            int style = Marshal.ReadInt32(Marshal.ReadIntPtr(messages, i * nint.Size));
            string? text = style switch { PromptWithoutEcho => password, PromptWithEcho => user, _ => null };
            if (text is null)
                continue; // something to be shown
            nint copy = Duplicate(Encoding.UTF8.GetBytes(text + '\0'));
            if (copy == 0)
                return ConversationError;
            Marshal.WriteIntPtr(all, i * Marshal.SizeOf<Response>(), copy);
        }

        Marshal.WriteIntPtr(answers, all);
        return Success;
    }

    [LibraryImport(SystemLibraries.Pam, EntryPoint = "pam_start", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Start(string service, string user, in Talk talk, out nint handle);

    [LibraryImport(SystemLibraries.Pam, EntryPoint = "pam_start_confdir", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StartIn(string service, string user, in Talk talk, string folder, out nint handle);

    [LibraryImport(SystemLibraries.Pam, EntryPoint = "pam_set_item", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetItem(nint handle, int item, string value);

    [LibraryImport(SystemLibraries.Pam, EntryPoint = "pam_authenticate")]
    private static partial int Authenticate(nint handle, int flags);

    [LibraryImport(SystemLibraries.Pam, EntryPoint = "pam_acct_mgmt")]
    private static partial int CheckAccount(nint handle, int flags);

    [LibraryImport(SystemLibraries.Pam, EntryPoint = "pam_end")]
    private static partial int End(nint handle, int status);

    [LibraryImport("libc", EntryPoint = "calloc")]
    private static partial nint Allocate(nint count, nint octets);

    [LibraryImport("libc", EntryPoint = "strdup")]
    private static partial nint Duplicate(byte[] text);

    /// <summary>struct pam_conv.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Talk
    {
        public nint Function;
        public nint Data;
    }

    /// <summary>struct pam_response.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Response
    {
        public nint Text;
        public int Code;
    }
}
