internal import Exchange
internal import Wire

/// Takes the engine's answer to "may this officer?" and goes on with it elsewhere; the caller's reply is finished later. For services whose work is
/// not the engine's.
final class RightQuestion: CallReply {
    private let reply: any CallReply
    private let answered: @Sendable (Status, _ payload: [UInt8]) -> Void

    init(_ reply: any CallReply, _ answered: @escaping @Sendable (Status, [UInt8]) -> Void) {
        self.reply = reply
        self.answered = answered
    }

    func send(_ message: [UInt8]) {}
    var isReady: Bool { reply.isReady }
    func finish(_ status: Status, payload: [UInt8]) { answered(status, payload) }
}

/// Whether the asker is a system administrator of the bureau now.
let mayAdminister: @Sendable (State, Viewer) throws(Status) -> [UInt8] = { (_, viewer) throws(Status) in
    guard viewer.isOfBureau, viewer.roles.contains(.systemAdmin) else { throw Status.adminNotPermitted }
    return []
}
