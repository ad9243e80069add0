import Testing

@testable import Exchange

@Suite("Kinds of batches: files in seeds/batches (issue 5)")
struct KindFileTests {
    static let kinds = [
        "activity", "base", "card", "case", "dossier", "employment", "entrepreneur", "fund", "hardship",
        "honour", "job-fair", "job-post", "joint-point", "memorial", "model-unit", "offer", "owner",
        "pension",
        "recruit", "request", "rescue", "retirement", "role-model", "round-person", "round-post", "training",
        "village-committee", "volunteer-team", "welfare-post", "working-age",
    ]

    @Test("all kinds of the issue are there and load, and every list they ask for is there")
    func all() throws {
        let kinds = try BatchKindFile.kinds(BatchFiles.kinds)
        #expect(kinds.map(\.code).sorted() == Self.kinds)
        for kind in kinds {
            #expect(throws: Never.self, "\(kind.code)") {
                try RowChecker(kind: kind, lists: try BatchFiles.lists())
            }
        }
    }

    @Test("every row of a person is sealed by the person's number, and is personal")
    func persons() throws {
        for kind in try BatchKindFile.kinds(BatchFiles.kinds) {
            let identities = kind.fields.indices.filter { kind.fields[$0].format == .identity }
            #expect(kind.person == identities.first, "\(kind.code)")
            #expect(identities.allSatisfy { kind.fields[$0].isPersonal })
        }
    }

    @Test("names people write for a code are names of that code in the code list itself")
    func nameLists() throws {
        for file in BatchFiles.seeds where file.path.hasPrefix("batches/names/") {
            let name = file.path.dropFirst("batches/names/".count)
            guard let codes = BatchFiles.seeds.first(where: { $0.path == "codes/\(name)" }) else { continue }
            let names = try NameList(name: "n", path: file.path, text: file.text)
            let list = try NameList(name: "c", path: codes.path, text: codes.text)
            #expect(
                names.entries == list.entries, "\(name): the same codes and official names, in the same order"
            )
        }
    }

    @Test("kinds are no seeds of a store")
    func noSeeds() throws {
        #expect(throws: Never.self) { try seedCommands(BatchFiles.kinds) }
    }

    private static let head = """
        version,2026.1
        kind,k,示例
        form,flow
        period,batch,year
        key,a
        """
    private static let columns = "field,heading,aliases,format,required,values,unit,personal,carry"
    private static let good = "a,甲,,text(5),yes,,,,"

    private func error(_ lines: String...) -> String {
        do {
            _ = try BatchKindFile.kind(path: "batches/k.csv", text: lines.joined(separator: "\n"))
            return ""
        } catch { return "\(error)" }
    }

    /// Of a field's line, the seventh.
    private func fieldError(_ field: String) -> String { error(Self.head, Self.columns, field) }

    @Test("a whole file has no fault; padding by a spreadsheet is none")
    func whole() {
        #expect(error(Self.head, Self.columns, Self.good) == "")
        let padded = Self.head.replacing("flow", with: "flow,,,,,")
        #expect(error(padded, Self.columns, Self.good) == "")
    }

    @Test("faults of fields name line and column")
    func fields() {
        let faults = [
            ("A b,甲,,text(5),yes,,,,", "field"), ("a,,,text(5),yes,,,,", "heading"),
            ("a,甲,甲,text(5),yes,,,,", "heading"),
            ("a,优待证编号,,text(20),yes,,,,", "heading"), ("a,甲,军人保障卡卡号,text(20),yes,,,,", "heading"),
            ("a,甲,,text(0),yes,,,,", "format"), ("a,甲,,text(4001),yes,,,,", "format"),
            ("a,甲,,text(5,yes,,,,", "format"),
            ("a,甲,,word,yes,,,,", "format"), ("a,甲,,decimal(5),yes,,,,", "format"),
            ("a,甲,,text(5),maybe,,,,", "required"),
            ("a,甲,,text(5),b=1,,,,", "required"), ("a,甲,,choice,yes,,,,", "values"),
            ("a,甲,,choice,yes,x,,,", "values"),
            ("a,甲,,choice,yes,x=一|y=一,,,", "values"), ("a,甲,,integer,yes,5..1,,,", "values"),
            ("a,甲,,integer,yes,1.5..2,,,", "values"),
            ("a,甲,,money,yes,0..100000001,,,", "values"), ("a,甲,,date,yes,1..2,,,", "values"),
            ("a,甲,,text(5),yes,,,x,", "personal"),
            ("a,甲,,text(5),yes,,,,x", "carry"),
        ]
        for (line, column) in faults {
            #expect(
                fieldError(line).hasPrefix("seeds/batches/k.csv, line 7, column \"\(column)\": "),
                "\(line): \(fieldError(line))")
        }
        #expect(
            error(Self.head, Self.columns, Self.good, "b,乙,甲,text(5),no,,,,").contains(
                "line 8, column \"heading\""))
        #expect(fieldError("a,甲,,text(5),no,,,,").contains("line 5, column \"key\": \"a\" must be required"))
    }

    @Test("faults of the lines in front name line and word")
    func heads() {
        func changed(_ from: String, _ to: String) -> String {
            error(
                Self.head.replacing(from, with: to), Self.columns, Self.good, "n,数,,integer,no,,,,",
                "d,日,,date,no,,,,")
        }
        #expect(changed("flow", "flood").contains("line 3, column \"form\""))
        #expect(changed("kind,k", "kind,other").contains("line 2, column \"kind\""))
        #expect(changed("batch,year", "batch,week").contains("line 4, column \"period\""))
        #expect(changed("batch,year", "field,d").contains("\"d\" must be required"))
        #expect(changed("key,a", "key,b").contains("line 5, column \"key\""))
        #expect(changed("key,a", "key,a\nkey,a").contains("line 6: \"key\" stands twice"))
        #expect(
            changed("key,a", "key,a\nsum,a").contains("line 6, column \"sum\": \"a\" is no money or number"))
        #expect(changed("key,a", "key,a\nperson,a").contains("line 6, column \"person\""))
        #expect(changed("key,a", "key,a\nrule,at-most,a,n").contains("line 6, column \"rule\""))
        #expect(changed("key,a", "key,a\nrule,at-most,n,d").contains("cannot be compared"))
        #expect(changed("key,a", "key,a\nrule,at-least,n,n").contains("at-most,a,b;"))
        #expect(changed("key,a", "key,a\nrule,sum,n,n|d").contains("cannot be added"))
        #expect(changed("key,a", "key,a\nrule,at-most,n,n") == "")
        #expect(changed("key,a", "key,a\ncolour,red").contains("line 6: \"colour\" is none of"))
        #expect(changed("version,2026.1\n", "").contains("version"))
    }

    @Test("limits: at the limit and one beyond")
    func limits() throws {
        func fields(_ count: Int) -> String {
            error(
                Self.head, Self.columns,
                (0..<count).map { "\($0 == 0 ? "a" : "f\($0)"),题\($0),,text(5),yes,,,," }.joined(
                    separator: "\n"))
        }
        #expect(fields(BatchLimits.fields) == "" && fields(BatchLimits.fields + 1).contains("1 to 60 fields"))
        func aliases(_ count: Int) -> String {
            fieldError("a,甲,\((0..<count).map { "名\($0)" }.joined(separator: "|")),text(5),yes,,,,")
        }
        #expect(
            aliases(BatchLimits.aliases) == "" && aliases(BatchLimits.aliases + 1).contains("more than 20"))
        func choices(_ count: Int) -> String {
            fieldError("a,甲,,choice,yes,\((0..<count).map { "c\($0)=值\($0)" }.joined(separator: "|")),,,")
        }
        #expect(
            choices(BatchLimits.choices) == "" && choices(BatchLimits.choices + 1).contains("1 to 100 values")
        )
        func rules(_ count: Int) -> String {
            let lines = Array(repeating: "rule,one-of,a", count: count).joined(separator: "\n")
            return error(Self.head, lines, Self.columns, Self.good)
        }
        #expect(rules(BatchLimits.rules) == "" && rules(BatchLimits.rules + 1).contains("more than 20 rules"))
        func kinds(_ count: Int) throws -> Int {
            try BatchKindFile.kinds(
                (0..<count).map { number in
                    let text = [
                        Self.head.replacing("kind,k,", with: "kind,k\(number),"), Self.columns, Self.good,
                    ]
                    return SeedFile(path: "batches/k\(number).csv", text: text.joined(separator: "\n"))
                }
            ).count
        }
        #expect(try kinds(BatchLimits.kinds) == BatchLimits.kinds)
        #expect(throws: SeedError.self) { try kinds(BatchLimits.kinds + 1) }
        func names(_ count: Int) throws -> Int {
            let lines = (0..<count).map { "c\($0),名\($0)" }
            return try NameList(
                name: "n", path: "n.csv", text: "version,1\ncode,name\n" + lines.joined(separator: "\n")
            ).entries.count
        }
        #expect(try names(BatchLimits.names) == BatchLimits.names)
        #expect(throws: SeedError.self) { try names(BatchLimits.names + 1) }
    }

    @Test("a name that stands for two codes is refused with its line")
    func ambiguous() {
        do {
            _ = try NameList(name: "n", path: "n.csv", text: "version,1\ncode,name\na,甲\nb,甲\n")
            Issue.record("accepted")
        } catch {
            #expect("\(error)" == "seeds/n.csv, line 4, column \"name\": \"甲\" stands for another code, too")
        }
    }
}
