import Exchange
import Schema

/// Scanned evidence: what is typed to attach it and to fetch it.
enum AttachmentForms {
    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .requestAttach, .caseAttach: attach(name)
        default: fetch(name)
        }
    }

    private static func attach(_ name: CommandName) -> CommandSpec {
        CommandSpec(
            name, Text("为事项附上扫描件", "attach scanned evidence"),
            operands: [
                .key, OperandSpec(Text("文件", "FILE"), Text("PDF、JPEG、PNG 或 TIFF", "PDF, JPEG, PNG or TIFF")),
            ],
            options: (name == .caseAttach ? [kind] : []) + [
                OptionSpec(
                    "name", Text("名称", "name"), .text,
                    help: Text("显示的文件名，默认为原文件名", "what it is called, the file's own name by default"))
            ],
            notes: [
                Text(
                    "每个文件不超过20 MiB，每件事项不超过\(AttachmentLimits.ofMatter)个。分块发送，中断后续传。",
                    "At most 20 MiB a file and \(AttachmentLimits.ofMatter) a matter. Sent in chunks; resumed where it broke off."
                ),
                Text(
                    "加密保存；事项的个人信息删除时，附件一并删除，不可恢复。",
                    "Kept sealed; erased for good with what is personal of the matter."),
            ])
    }

    private static let kind = OptionSpec(
        "kind", Text("材料种类", "kind"), .code(list: CodeListName.material), required: true)

    private static func fetch(_ name: CommandName) -> CommandSpec {
        CommandSpec(
            name, Text("取回一个附件，核对摘要后存为文件", "fetch an attachment into a file, its digest checked"),
            operands: [
                .key, OperandSpec(Text("序号", "NUMBER"), Text("show 所列的序号", "as show numbers them")),
                OperandSpec(
                    Text("文件", "FILE"), required: false,
                    Text("默认为附件的名称，不覆盖已有文件", "by default what it is called; nothing is written over")),
            ])
    }

    /// - Parameter file: what was read and queued.
    static func command(_ line: Invocation, _ setting: Forms.Setting) -> Command.OneOf_Body? {
        guard let staged = setting.attachment else { return nil }
        return .attachEvidence(
            AttachEvidence(
                attachment: staged.id, sha256: staged.sha256, bytes: staged.bytes, type: staged.type,
                fileName: staged.name, kind: line.text("kind") ?? "", manifest: staged.manifest))
    }
}
