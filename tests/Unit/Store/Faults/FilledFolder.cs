using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Unit.Store.Faults;

/// <summary>A folder that another program makes and fills, all of it on the disk before the store hears of it.</summary>
internal static class FilledFolder
{
    private const string Mailbox = "made";

    /// <summary>A mailbox is opened for the first time: its UIDs are given out, and seen.</summary>
    public static async Task<Func<Task<StoreError>>> OpeningAsync(World world)
    {
        Account account = await world.AccountAsync();
        if (world.Temp.Format == StoreFormat.Maildir)
            Fill(account.Mailboxes.Opened(MailboxName.Inbox)!.Store.Files, new MaildirFolder(FilePath.Of(Path.Combine(world.Temp.Maildir(), $".{Mailbox}"))));
        string opened = world.Temp.Format == StoreFormat.Maildir ? Mailbox : "INBOX";
        return async () => (await account.GuardAsync<Nothing>(async () =>
        {
            await account.ListAsync(World.Ct);
            Result<MailboxView> view = await account.OpenAsync(TempStore.Box(opened), readOnly: true, World.Ct);
            if (!view.Ok)
                return view.Error;
            view.Value.Dispose();
            return default(Nothing);
        })).Error;
    }

    private static void Fill(IMaildirFiles files, MaildirFolder folder)
    {
        if (folder.Make(files, marker: true) != FileError.None)
            return; // It was filled before a first attempt to open it.
        Assert.Equal(FileError.None, files.SyncDirectory(folder.Path.Directory));
        Put(files, folder.Cur, "1000000003.three.other,S={0},W={1}:2,S", "f3");
        Put(files, folder.Cur, "1000000002.two.other:2,", "f2");
        Put(files, folder.New, "1000000001.one.other,S={0}", "f1");
    }

    private static void Put(IMaildirFiles files, FilePath directory, string name, string subject)
    {
        byte[] mail = TempStore.Mail(subject, World.Body(subject));
        byte[] stored = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(mail).ReplaceLineEndings("\n"));
        FilePath path = directory.Child(string.Format(System.Globalization.CultureInfo.InvariantCulture, name, stored.Length, mail.Length));
        Assert.Equal(FileError.None, files.Create(path, out SafeFileHandle? file));
        using (file)
        {
            Assert.Equal(FileError.None, files.Write(file!, stored, 0));
            Assert.Equal(FileError.None, files.SetModified(file!, DateTimeOffset.FromUnixTimeSeconds(1_000_000_000)));
            Assert.Equal(FileError.None, files.Sync(file!));
        }

        Assert.Equal(FileError.None, files.SyncDirectory(directory));
    }
}
