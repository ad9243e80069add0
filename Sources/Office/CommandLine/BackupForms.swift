/// The commands that copy a running server's store. JOURNAL.md 10.
enum BackupForms {
    private static let folder = OperandSpec(
        Text("目录", "FOLDER"), Text("单独的目录，没有则建立", "a folder of its own, made where it is not there"))

    static func spec(_ name: CommandName) -> CommandSpec {
        guard name == .adminBackup else {
            return CommandSpec(
                name, Text("备份密钥到单独的目录(系统管理员)", "copy the keys, to a folder apart (system administrator)"),
                operands: [folder],
                notes: [
                    Text(
                        "密钥备份与数据备份分开保管，并按期销毁，否则已删除的个人信息可能被恢复。先备份数据，再备份密钥。",
                        "Kept apart from the data, and destroyed in time: else what was erased could be opened again. Copy the data first, then the keys."
                    )
                ])
        }
        return CommandSpec(
            name,
            Text(
                "备份正在运行的服务器的数据，不含密钥(系统管理员)",
                "copy a running server's data, without keys (system administrator)"),
            operands: [folder],
            notes: [
                Text(
                    "中断后用同一目录重做，已完整的文件不再传送；写有 BACKUP 文件的才是完整的备份。",
                    "After an interruption do it again with the same folder: what is whole is not sent again. Only a folder with the file BACKUP is a backup."
                ),
                Text(
                    "用 twolists-server verify 或 restore 核对。",
                    "Prove it with twolists-server verify, or restore."),
            ])
    }
}
