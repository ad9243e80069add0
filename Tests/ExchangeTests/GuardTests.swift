import Exchange
import Testing

@Suite("DOMAIN.md 1: the guard against classified text")
struct GuardTests {
    @Test(arguments: [
        ("请为31638部队修路", "unit-designation"), ("请为 31638 部队 修路", "unit-designation"),
        ("３１６３８部队", "unit-designation"), ("三一六三八部队门前", "unit-designation"), ("第7301部队", "unit-designation"),
        ("73011部\u{200B}队", "unit-designation"), ("31638部队61分队", "unit-designation"),
        ("番号为31638", "unit-designation"), ("部队代号：6138", "unit-designation"),
        ("第十五师", "formation-number"), ("第127旅官兵", "formation-number"), ("第三团一营", "formation-number"),
        ("第 54 集团军", "formation-number"), ("第八十三集团军", "formation-number"), ("八十三集团军", "formation-number"),
        ("驻地为127旅", "formation-number"), ("第2营三连", "formation-number"), ("第三十八军", "formation-number"),
        ("第一合成旅", "formation-number"), ("一二七师", "formation-number"), ("第五连战士", "formation-number"),
        ("第63基地", "formation-number"), ("第二驱逐舰支队", "formation-number"), ("112师", "formation-number"),
        ("营区位于北纬31度41分", "coordinates"), ("经度：113.38", "coordinates"), ("31°41′N 113°22′E", "coordinates"),
        ("31度41分处", "coordinates"), ("坐标31.6905，113.3826", "coordinates"),
        ("31.6905 113.3826", "coordinates"),
        ("东风-41", "weapon-name"), ("东风21D导弹", "weapon-name"), ("红旗—9", "weapon-name"),
        ("歼-20", "weapon-name"),
        ("歼20停放", "weapon-name"), ("轰6", "weapon-name"), ("直-20", "weapon-name"), ("运-20机场", "weapon-name"),
        ("DF-21D", "weapon-name"), ("装备HQ9", "weapon-name"), ("J-20", "weapon-name"),
        ("99A式主战坦克", "weapon-name"),
        ("95式步枪", "weapon-name"), ("导弹阵地道路", "weapon-name"), ("弹药库周边", "weapon-name"),
        ("兵力约1200人", "troop-strength"), ("驻军人数为八百人", "troop-strength"), ("现有官兵300余名", "troop-strength"),
        ("全旅官兵共3000人", "troop-strength"), ("一个团的兵力", "troop-strength"), ("机密★1年", "classification-mark"),
    ])
    func refuses(_ text: String, _ rule: String) {
        #expect(ClassifiedGuard.matchedRule(in: text) == rule, "\(text)")
    }

    @Test(arguments: [
        "某部", "驻随部队", "驻随某部07", "团委", "共青团随州市委", "社区团购", "师范学院", "随州市第二师范学校", "旅游景区", "军营道路", "营区门前道路",
        "请协调驻军官兵30人参加植树", "慰问官兵50名", "全市共有官兵家属120人", "八一军民联欢", "八一建军节", "八一军旗", "七一师生合唱", "五一旅游黄金周",
        "第一团支部", "第三营业厅", "第二营养餐厅", "第一军民共建点", "统一团购", "万众一心", "一营造林地", "第三师资培训", "100师生", "12团员",
        "2026年部队需求清单", "部队提、地方办", "联系电话13800138000部队联系人", "电话 0722-3801234", "身份证明", "东风4S店", "东风5号路",
        "东风-153货车",
        "东风天龙汽车", "红旗渠", "红旗H9轿车", "红旗-9号路", "空运-20度冷藏", "需运20吨物资", "直20米处", "轰动一时", "江苏30人", "高三2班",
        "气温38°C", "转45度角", "面积31.5亩、112.6亩", "价格31.69，113.38", "约3度", "从1到5名", "增加教师编制20名", "人员编制", "商业机密",
        "保密",
        "301医院义诊", "第一中学", "第二小学", "第五连锁店", "第三方", "第一批", "第二旅客通道", "师傅", "律师团队2个", "3个团队", "10个班", "一连三天",
        "第二实验小学2026年秋季入学", "省军区与市军分区", "随县消防救援大队第二中队", "交警支队第三大队", "民兵营", "导弹知识讲座", "坦克公园", "雷达测速",
        "J20-2026-001号文件", "YJ-2026-001", "2026-03-10", "随双2026-军提-0001", "H-6栋", "第四十二军人服务站", "两团结合", "三连冠",
        "连续3年",
        "10千伏供电线路改造500米", "120急救", "全团30人的旅游团", "第二届", "第三团圆饭", "第六营地教育", "近100团队", "安排5名军嫂就业",
    ])
    func letsPass(_ text: String) { #expect(ClassifiedGuard.matchedRule(in: text) == nil, "\(text)") }

    @Test func longTextIsSearchedToItsEnd() {
        let filler = String(repeating: "请协调修缮营区门前道路，", count: 300)
        #expect(ClassifiedGuard.matchedRule(in: filler) == nil)
        #expect(ClassifiedGuard.matchedRule(in: filler + "31638部队") == "unit-designation")
    }
}
