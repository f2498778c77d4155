"""Who acts, what is handed over, to whom and how: the words of single clauses."""

from __future__ import annotations

import re

import pytest

from obligations.draft import Modality
from obligations.normal import normalise
from obligations.notice import Notice, Span
from obligations.roles import circumstances, predicate
from obligations.roles.act import LONGEST, action, topic
from obligations.roles.channel import ContactBook
from obligations.roles.deliverable import deliverable
from obligations.roles.party import subject_at
from obligations.roles.recipient import find_recipient
from obligations.roles.words import one_of
from obligations.structure import read_structure


@pytest.mark.parametrize(
    ("clause", "party"),
    [
        ("各区（市）县经济和信息化主管部门会同应急、税务等部门核实企业信用情况", "各区(市)县经济和信息化主管部门"),
        ("用人单位应对申报材料进行审查", "用人单位"),
        ("符合条件的企业登录培育平台在线填报", "符合条件的企业"),
        ("州直各部门每季度报表于下季度", "州直各部门"),
        ("各县(市)汇总报表于下季度第一个月15日前报州局", "各县(市)"),
        ("市应急管理局应于", "市应急管理局"),
        ("市行政审批局应当", "市行政审批局"),
        ("市委组织部要", "市委组织部"),
        ("审核通过人员应在", "审核通过人员"),
        ("检验检测机构自收到样品", "检验检测机构"),
        ("参加培训的人员应于", "参加培训的人员"),
        ("持有人应当", "持有人"),
        ("单位负责人接到报告后", "单位负责人"),
        ("市绿化行政管理部门或者该部门委托的监督机构应当按照", "市绿化行政管理部门或者该部门委托的监督机构"),
        ("请东山区加强对甲公司的监管", "东山区"),
        ("各医疗机构防护物资储备充足", "各医疗机构"),
        ("登记表由乡镇汇总后", "乡镇"),
        ("年度总结请各街道于", "各街道"),
        ("验收通过后区水务局于", "区水务局"),
        ("复核通过后财政部门在", "财政部门"),
        ("县防指半小时内", "县防指"),
        ("取水单位名称、法定代表人发生变更的", "取水单位"),
        ("各镇人民政府务于", "各镇人民政府"),
        ("不达标的企业应当", "不达标的企业"),
        ("隶属海关予以核销", "隶属海关"),
        ("水库管理单位(产权人)要在", "水库管理单位(产权人)"),
        ("瞭望员须在", "瞭望员"),
        ("巡查员每日", "巡查员"),
        ("由领队书面提出", "领队"),
        ("普查指导员5月5日前", "普查指导员"),
        ("普查员入户登记于", "普查员"),
        ("矫正小组成员于", "矫正小组成员"),
        ("受理机关应当自收到申请", "受理机关"),
        ("核发部门8月15日前", "核发部门"),
        ("领队须在", "领队"),
        ("应试人员须于", "应试人员"),
        ("被评查单位完成整改", "被评查单位"),
        ("驻场兽医每月", "驻场兽医"),
    ],
)
def test_the_party_that_opens_a_clause(clause: str, party: str) -> None:
    plain = normalise(clause)
    found = subject_at(plain, 0, len(plain))
    assert found is not None
    assert found.words == party


@pytest.mark.parametrize(
    "clause",
    [
        "将材料报送至市局",
        "主体完工",
        "全员参加",
        "动员村民参加",
        "按照谁推荐谁负责的原则",
        "完成责任人培训",
        "督促企业开展年度自查",
        "指导企业完成报告",
        "修剪单位附属绿化的树木",
        "速报市局",
        "书面告知主管部门",
        "决定组织开展注册工作",
        "责任单位:市教育局",
        "连同企业申报材料",
        "具体返校时间",
        "迅速部署",
        "正式行文报市财政局",
        "专报市局",
        "纸质件一式三份送区水务局",
        "电话报告区商务局",
    ],
)
def test_a_clause_without_a_party(clause: str) -> None:
    assert subject_at(clause, 0, len(clause)) is None


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("将汇总表报盟农牧局,并抄送盟财政局。", "盟农牧局"),
        ("将推荐资料报市工信局对口处室。", "市工信局对口处室"),
        ("将自查报告和《基本情况表》报所在区县水务局。", "所在区县水务局"),
        ("报送我局企业服务科(市民服务中心3号楼417室)", "绵泽市经信局企业服务科"),
        ("向县(市)区、开发(度假)区绿化部门征求意见", "县(市)区、开发(度假)区绿化部门"),
        ("应当征得辖区绿化部门同意", "辖区绿化部门"),
        ("到原批准部门办理手续", "原批准部门"),
        ("完成自查整改。", None),
        ("报送工作总结。", None),
    ],
)
def test_who_receives(words: str, unit: str | None) -> None:
    assert find_recipient(words, "绵泽市经信局") == unit


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("将自查报告上传至监管平台", "自查报告"),
        ("将绩效自评报告分别报送省财政厅和省住建厅", "绩效自评报告"),
        ("将推荐资料报市工信局", "推荐资料"),
        ("将《花名册》(一式两份)、考核总结报县人社局", "《花名册》(一式两份)、考核总结"),
        ("《风险监测情况表》报送", "《风险监测情况表》"),
        ("出具推荐意见", "推荐意见"),
    ],
)
def test_what_is_handed_over(words: str, thing: str) -> None:
    assert deliverable(words) == thing


def test_what_is_spoken_of_serves_where_the_verb_has_no_object() -> None:
    assert deliverable("报送。", topic("自评报告请于")) == "自评报告"


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("报送至县水务局。", None),
        ("将名单(加盖公章)2份报区民政局", "名单"),
        ("汇总后报市局。", None),
        ("完成自查", None),
    ],
)
def test_a_place_or_a_step_is_no_thing(words: str, thing: str | None) -> None:
    assert deliverable(words) == thing


@pytest.mark.parametrize(
    ("lead", "tail", "label", "title"),
    [
        ("应于", "将汇总表(加盖公章)2份报送区水务局(邮箱:sw@example.cn)。", "", "报送汇总表"),
        ("但应当在", "到区园林局补办占用审批手续。", "", "补办占用审批手续"),
        ("自查表于", "通过“智慧水务”平台上传,逾期不予受理。", "", "上传自查表"),
        ("应于", "将施工方案报区水务局审核。", "", "将施工方案报区水务局审核"),
        ("于", "将处置结果录入管理平台。", "", "将处置结果录入管理平台"),
        ("第一批", "、第二批6月20日前报送检查结果。", "", "报送第一批检查结果"),
        ("", "", "汇总表报送时间", "报送汇总表"),
        ("", "报区民政局。", "救助台账报送时间", "报送救助台账"),
    ],
)
def test_the_title_of_a_duty(lead: str, tail: str, label: str, title: str) -> None:
    assert action(lead, normalise(tail), label) == title


def test_a_title_is_short() -> None:
    tail = "组织" + "、".join(f"第{number}片区管理单位" for number in range(20)) + "开展联合检查。"
    assert 0 < len(action("应于", tail, "")) <= LONGEST


@pytest.mark.parametrize(
    ("lead", "tail", "title", "mode"),
    [
        ("各单位应于", "报送总结", "", Modality.MUST),
        ("考生可于", "申请退费", "", Modality.MAY),
        ("力争", "全部发放完毕", "", Modality.GOAL),
        ("到", "基本建立机制", "", Modality.GOAL),
        ("", "完成改造", "一、工作目标", Modality.GOAL),
        ("自受理之日起", "不得转让", "", Modality.MUST_NOT),
    ],
)
def test_the_mode_of_a_predicate(lead: str, tail: str, title: str, mode: Modality) -> None:
    assert predicate.modality(lead, tail, lead + tail, title) is mode


def test_a_remedy_is_a_right_but_its_answer_is_a_duty() -> None:
    sentence = "企业对结果有异议的,可自公布之日起5日内申请复核,住建局应当自收到申请之日起15日内作出决定"
    assert predicate.modality("可自公布之日起", "申请复核", sentence, "") is Modality.MAY
    assert predicate.modality("住建局应当自收到申请之日起", "作出决定", sentence, "") is Modality.MUST


def test_circumstances() -> None:
    assert circumstances.condition(["因故不能参会的", "须"]) == "因故不能参会"
    assert circumstances.event_before("公示无异议后于") == "公示无异议"
    assert circumstances.consequence("逾期不予受理。") == "逾期不予受理"
    assert circumstances.consequence("报送总结。") is None


class TestChannels:
    TEXT = (
        "各单位于5月8日前将申报材料纸质件(加盖公章)2份和电子版1份以正式文件报送至市工信局(地址:中山路3号楼551办公室),"
        "电子版发送至邮箱gx@example.cn。名单通过公文交换系统报送。\n联系电话:63105600"
    )

    def book(self) -> tuple[ContactBook, str]:
        return ContactBook(read_structure(Notice(id="n", text=self.TEXT))), self.TEXT

    def test_copies_address_mailbox_and_form_of_a_sentence(self) -> None:
        book, text = self.book()
        channel = book.channel(Span(0, text.index("名单")), filing=True)
        assert channel["paper_copies"] == 2
        assert channel["electronic_copies"] == 1
        assert channel["email"] == "gx@example.cn"
        assert channel["address"] == "中山路3号楼551办公室"
        assert channel["form"] == "正式文件"

    def test_the_closing_phone_serves_a_filing_only(self) -> None:
        book, text = self.book()
        zone = Span(text.index("名单"), text.index("\n"))
        assert book.channel(zone, filing=True)["phone"] == "63105600"
        assert "phone" not in book.channel(zone, filing=False)
        assert book.channel(zone, filing=False)["platform"] == "公文交换系统"


def test_words_are_guarded_by_their_neighbours() -> None:
    pattern = re.compile(one_of(["报", "报送", "办"], {"办": ["补承", "理"]}))
    assert pattern.findall("报送和上报") == ["报送", "报"]
    assert pattern.findall("补办理办法承办市办") == ["办", "办"]
