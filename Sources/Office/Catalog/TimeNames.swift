package import Schema

extension Light: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .green: Text("绿灯", "green")
        case .yellow: Text("黄灯", "yellow")
        case .red: Text("红灯", "red")
        case .blue: Text("蓝灯", "blue")
        case .unrecognized: nil
        }
    }

    /// The colour beside the word.
    package var colour: Colour? {
        switch self {
        case .unspecified, .unrecognized: nil
        case .green: .green
        case .yellow: .yellow
        case .red: .red
        case .blue: .blue
        }
    }
}

extension SupervisionStep: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .remind: Text("提醒", "reminded")
        case .urge: Text("催办", "urged")
        case .supervise: Text("督办单", "supervised")
        case .listed: Text("挂牌督办", "listed")
        case .unrecognized: nil
        }
    }
}
