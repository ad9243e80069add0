import Office
import Schema
import TwoListsClient

/// What a system administrator asks of the server itself.
extension Session {
    /// The server reads its certificates, keys, authorities and lists again; what is in use then.
    func reloadServer() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.reload() }
        let done = Text(
            "已重新加载：新连接使用新的证书和列表，已有连接也已按新列表核对。",
            "Reloaded: new connections use what was read, and those open are judged by it.")
        return show(
            view.json, [screen.paint("✓ ", .green) + done[language]] + ViewsText(screen).certificates(view))
    }

    func serverCertificates() async throws(Stop) -> ExitCode {
        let view = try await call { () async throws(ClientError) in try await client.serverCertificates() }
        return show(view.json, ViewsText(screen).certificates(view))
    }
}
