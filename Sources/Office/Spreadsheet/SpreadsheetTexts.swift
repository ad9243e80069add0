/// Why a file cannot be read as a workbook, in words: where, what, and the mend.
package enum SpreadsheetTexts {
    package static func sentence(_ fault: SpreadsheetFault) -> Text {
        let (place, what, mend) = (place(fault), what(fault.problem), mend(fault.problem))
        return Text("\(place.zh)\(what.zh)，\(mend.zh)", "\(place.en)\(what.en): \(mend.en)")
    }

    private static func place(_ fault: SpreadsheetFault) -> Text {
        var (zh, en) = ([String](), [String]())
        if !fault.part.isEmpty {
            let part = Screen.clean(fault.part)
            zh.append("文件内的 \(part)")
            en.append("in \(part)")
        }
        if let cell = fault.cell {
            let isRow = cell.allSatisfy(\.isNumber)
            zh.append(isRow ? "第\(cell)行" : "\(cell)单元格")
            en.append(isRow ? "row \(cell)" : "cell \(cell)")
        } else if let byte = fault.byte {
            zh.append("第\(byte)字节处")
            en.append("at byte \(byte)")
        }
        if zh.isEmpty { return Text("", "") }
        return Text(zh.joined(separator: "，") + "：", en.joined(separator: ", ") + ": ")
    }

    private static func what(_ problem: SpreadsheetFault.Problem) -> Text {
        switch problem {
        case .foreign(let kind): foreign(kind)
        case .archive(let problem): archive(problem)
        case .compression(let method):
            Text("用了不支持的压缩方式（\(method)）", "it is compressed in a way not read here (method \(method))")
        case .deflate(let problem): deflate(problem)
        case .xml(let problem): xml(problem)
        case .missing(let part): Text("缺少 \(Screen.clean(part))", "\(Screen.clean(part)) is missing")
        case .content(let problem): content(problem)
        case .limit(let name, let limit): beyond(name, limit)
        case .temporaryFile(let why):
            Text("存放文字的临时文件用不了（\(why)）", "the temporary file for its texts cannot be used (\(why))")
        }
    }

    private static let saveAgain = Text(
        "请在 WPS 或 Excel 中打开，另存为 .xlsx 后重新提交", "open it in WPS or Excel, save it as .xlsx and send that")
    private static let sendAgain = Text(
        "文件可能在传输中损坏，请向报送人重新索取；能打开的，另存为 .xlsx 后重新提交",
        "it may have been damaged on its way: ask the sender for it again, or open it and save it as .xlsx")
    private static let split = Text(
        "请拆分成几个文件，或删去多余内容后重新提交", "split it, or delete what is not needed, and send that")

    private static func mend(_ problem: SpreadsheetFault.Problem) -> Text {
        switch problem {
        case .foreign(let kind): mend(kind)
        case .archive(.encrypted): Text("请取消压缩密码后重新提交", "remove the archive's password and send it again")
        case .archive(.zip64), .archive(.severalDiscs), .compression: saveAgain
        case .archive, .deflate, .missing: sendAgain
        case .content(.noSuchSheet): Text("请核对工作表名称", "check the sheet's name")
        case .xml, .content: saveAgain
        case .limit: split
        case .temporaryFile:
            Text("请查看临时文件夹的剩余空间和权限", "look at the room and rights of the temporary folder")
        }
    }

    // MARK: Other files

    package static func foreign(_ kind: ForeignFile) -> Text {
        switch kind {
        case .empty: Text("文件是空的", "the file is empty")
        case .oldWorkbook: Text("文件是 .xls 或 .et 旧格式", "it is of the old format of .xls or .et")
        case .passwordProtected: Text("文件受密码保护", "it is protected by a password")
        case .oldDocument: Text("文件是 Word 或 WPS 文字的旧格式文档", "it is an old Word document")
        case .compound: Text("文件是旧格式的复合文档，不是表格", "it is a compound file, and no workbook")
        case .openDocument: Text("文件是 .ods（OpenDocument）格式", "it is an OpenDocument file (.ods)")
        case .binaryWorkbook: Text("文件是 .xlsb（二进制工作簿）格式", "it is a binary workbook (.xlsb)")
        case .document: Text("文件是 Word 文档", "it is a Word document")
        case .presentation: Text("文件是演示文稿", "it is a presentation")
        case .webPage: Text("文件是网页，只是扩展名写成了表格", "it is a web page named like a workbook")
        case .xmlTable: Text("文件是“XML 表格 2003”格式", "it is an XML Spreadsheet 2003")
        case .packed: Text("文件是压缩包", "it is a packed archive")
        case .pdf: Text("文件是 PDF", "it is a PDF")
        case .picture: Text("文件是图片", "it is a picture")
        case .archive: Text("文件是 ZIP 压缩包，里面没有工作簿", "it is a ZIP archive without a workbook in it")
        case .unknown: Text("文件不是 .xlsx 工作簿", "it is no .xlsx workbook")
        }
    }

    private static func mend(_ kind: ForeignFile) -> Text {
        switch kind {
        case .passwordProtected:
            Text("请在 WPS 或 Excel 中取消密码后另存为 .xlsx", "remove the password in WPS or Excel and save it as .xlsx")
        case .packed, .archive: Text("请先解压，提交其中的 .xlsx 文件", "unpack it and send the .xlsx in it")
        case .empty: Text("请检查后重新保存并提交", "check it, save it again and send that")
        case .pdf, .picture, .oldDocument, .document, .presentation:
            Text("请提交原来的表格，另存为 .xlsx", "send the table it was made from, saved as .xlsx")
        case .compound, .unknown:
            Text("文本表格请用 .csv 扩展名，其他请另存为 .xlsx", "name a text table .csv; save anything else as .xlsx")
        default: saveAgain
        }
    }

    // MARK: Damage

    private static func archive(_ problem: SpreadsheetFault.Archive) -> Text {
        switch problem {
        case .noDirectory: Text("文件不完整，末尾的目录不见了", "the file is not whole: the directory at its end is gone")
        case .directory: Text("压缩目录损坏", "the archive's directory is damaged")
        case .severalDiscs: Text("文件是分卷压缩的", "the archive is split over several discs")
        case .zip64: Text("用了 ZIP64 格式", "it uses ZIP64")
        case .nameTwice: Text("同一名称出现两次", "there are two of this name")
        case .name: Text("内部名称为空或含有非法字符", "a name inside is empty or malformed")
        case .overlap: Text("内部数据重叠", "parts of the archive overlap")
        case .localHeader: Text("内部文件头与目录不符", "a header differs from the directory")
        case .encrypted: Text("压缩包有密码", "the archive has a password")
        case .size: Text("解压后的大小与目录不符", "its size is not what the directory says")
        case .checksum: Text("校验和不符", "its checksum does not fit")
        }
    }

    private static func deflate(_ problem: SpreadsheetFault.Deflate) -> Text {
        let detail =
            switch problem {
            case .truncated: Text("数据中断", "they end too early")
            case .blockType: Text("数据块类型不对", "there is no such kind of block")
            case .storedLength: Text("数据块长度不对", "a block's length does not fit")
            case .tooManyCodes: Text("编码过多", "there are too many codes")
            case .codeLengths: Text("编码长度不对", "lengths that make no code")
            case .repeatsNothing: Text("重复了不存在的长度", "a repeat of nothing")
            case .lengthsOverrun: Text("编码长度超出", "more lengths than codes")
            case .noEndOfBlock: Text("缺少块结束码", "a block that cannot end")
            case .invalidCode: Text("无效编码", "a code that is none")
            case .distanceTooFar: Text("引用超出范围", "a copy from before the beginning")
            case .trailingBytes: Text("末尾有多余数据", "bytes behind the end")
            }
        return Text("压缩数据损坏（\(detail.zh)）", "the packed data are damaged (\(detail.en))")
    }

    private static func xml(_ problem: SpreadsheetFault.XML) -> Text {
        switch problem {
        case .truncated: Text("内容中断", "the text ends too early")
        case .utf16: Text("编码是 UTF-16，应为 UTF-8", "it is UTF-16, not UTF-8")
        case .encoding: Text("编码不是 UTF-8", "its encoding is not UTF-8")
        case .doctype: Text("含有文档类型声明，不予读取", "it has a document type, which is not read")
        case .tag: Text("标记写法不对", "a tag is malformed")
        case .name: Text("标记名称不对", "a name is malformed")
        case .attribute: Text("属性写法不对", "an attribute is malformed")
        case .attributeTwice: Text("同一属性出现两次", "an attribute is given twice")
        case .mismatchedEnd: Text("结束标记与开始标记不配", "an end does not belong to its start")
        case .reference: Text("字符引用不对", "a reference stands for nothing")
        case .character: Text("含有非法字符", "there is a character that may not be")
        case .notUTF8: Text("文字不是合法的 UTF-8", "there is text that is no UTF-8")
        case .outsideRoot: Text("根元素之外还有内容", "there is something outside the root")
        case .noRoot: Text("没有内容", "there is nothing in it")
        }
    }

    private static func content(_ problem: SpreadsheetFault.Content) -> Text {
        switch problem {
        case .cellReference: Text("单元格位置不对", "the cell's place is malformed or of another row")
        case .rowOrder: Text("行号不对或次序颠倒", "the row's number is malformed or not beyond the last")
        case .cellOrder: Text("单元格次序颠倒", "the cell does not stand behind the last")
        case .sharedString: Text("引用的文字不存在", "it refers to a text that is not there")
        case .style: Text("引用的格式不存在", "it refers to a format that is not there")
        case .number: Text("数值写法不对", "its number is malformed")
        case .boolean: Text("逻辑值不对", "it is neither true nor false")
        case .cellType: Text("单元格类型不认识", "its type is unknown")
        case .mergedRange: Text("合并区域写法不对", "a merged range is malformed")
        case .noSuchSheet: Text("没有这张工作表", "there is no such sheet")
        }
    }

    // MARK: Limits

    private static func beyond(_ name: SpreadsheetLimits.Name, _ limit: Int) -> Text {
        let what = self.name(name)
        return Text("\(what.zh)超过上限 \(limit)", "\(what.en) beyond the limit of \(limit)")
    }

    private static func name(_ name: SpreadsheetLimits.Name) -> Text {
        switch name {
        case .fileBytes: Text("文件字节数", "bytes of the file")
        case .members: Text("压缩包内文件数", "members of the archive")
        case .directoryBytes: Text("目录长度", "bytes of the archive's directory")
        case .nameBytes: Text("名称长度", "bytes of a name")
        case .inflatedBytes: Text("解压后总字节数", "inflated bytes")
        case .ratio: Text("压缩倍数", "the ratio of compression")
        case .depth: Text("标记嵌套层数", "levels of elements")
        case .attributes: Text("属性个数", "attributes of a tag")
        case .tagBytes: Text("标记长度", "bytes of a tag")
        case .sheets: Text("工作表数", "sheets")
        case .formats: Text("单元格格式数", "cell formats")
        case .sharedStrings: Text("不同文字的数量", "shared texts")
        case .sharedStringBytes: Text("不同文字的总字节数", "bytes of shared texts")
        case .cellTextBytes: Text("单元格文字长度", "the length of a cell's text")
        case .cells: Text("单元格数", "cells")
        case .rows: Text("行数", "rows")
        case .columns: Text("列数", "columns")
        case .merged: Text("合并区域数", "merged ranges")
        }
    }
}
